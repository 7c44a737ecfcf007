/** What tests ask about mails: through the API as operators would, and in the mailbox folder. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Books } from "./books.ts";

export type Mail = {
  mailId: string;
  key: string;
  kind: string;
  userId: string;
  status: string;
  subject: string;
  waitsFor: string;
};

export function mailboxOf(books: Books) {
  /** All mails, the newest first. */
  const mails = async (): Promise<Mail[]> => {
    const answer = await books.app.as("admin").get("/mails?limit=500");
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.items;
  };
  return {
    mails,
    ofPeriod: async (period: number) => (await mails()).filter((mail) => mail.key.split(":")[1] === String(period)),
    files: async () => (await readdir(join(books.folder, "mailbox")).catch(() => [])).sort(),
    fileOf: async (key: string) =>
      await readFile(join(books.folder, "mailbox", `${key.replaceAll(":", ".")}.eml`), "utf8"),
    contentOf: async (key: string) => {
      const mail = (await mails()).find((candidate) => candidate.key === key);
      assert(mail, `no mail ${key}`);
      return (await books.app.as("admin").get(`/mails/${mail.mailId}`)).body;
    },
  };
}

/** Lets a step wait for a table that is locked, after all it wrote before it, and ends its connection there. */
export async function crashInside(on: Books, step: string, table: string): Promise<void> {
  const lock = new pg.Client(on.app.app.homes.of("notifications").installation.admin);
  await lock.connect();
  await lock.query(`begin; lock table notifications.${table} in share mode`);
  const rejected = assert.rejects(on.step("notifications", step));
  let killed = 0;
  while (killed === 0) {
    const rows = await on.app.owner(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'popug notifications' and wait_event_type = 'Lock'`,
    );
    killed = rows.length;
  }
  await rejected;
  await lock.end();
}

/** Runs a step beside a transaction that has done this and ends only when the step waits for it, or is through. */
export async function besideTransaction(on: Books, statements: readonly string[], step: string): Promise<void> {
  const other = new pg.Client(on.app.app.homes.of("notifications").installation.admin);
  await other.connect();
  for (const statement of ["begin", "set search_path = notifications", ...statements]) await other.query(statement);
  let isThrough = false;
  const run = on.step("notifications", step).finally(() => (isThrough = true));
  const waits = async () =>
    (
      await on.app.owner(
        `select from pg_stat_activity where datname = current_database() and application_name = 'popug notifications'
            and wait_event_type = 'Lock'`,
      )
    ).length > 0;
  while (!isThrough && !(await waits()));
  await other.query("commit");
  await other.end();
  await run;
}
