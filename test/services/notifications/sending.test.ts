import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { MAX_ATTEMPTS } from "../../../src/services/notifications/mail.ts";
import { CLAIM_MS } from "../../../src/services/notifications/jobs/send-mails.ts";
import { type Books, startBooks } from "./books.ts";
import { startSmtpPeer } from "./smtp-peer.ts";

type Row = { key: string; status: string; attempts: number; last_error: string | null; wait: number };
const rows = async (books: Books) =>
  await books.app.owner<Row>(
    `select key, status, attempts, last_error, extract(epoch from next_attempt_at - clock_timestamp())::float8 as wait
       from notifications.mail order by key`,
  );
/** Pays the first worker for a period; with the report and two audit logs that is four mails. */
const closeDay = async (books: Books, period: number) => {
  const userId = books.app.people["worker1"] as string;
  await books.issue({ period, userId, creditsMinor: 2000, payoutMinor: 2000 });
  await books.close({ period, businessDate: "2026-03-02" });
  await books.app.settle();
};
const timeHasCome = (books: Books) =>
  books.app.owner("update notifications.mail set next_attempt_at = now() where status = 'queued'");

test("over SMTP each mail arrives once, from the sender of the settings, at the reader's address", async (t) => {
  const peer = await startSmtpPeer();
  const books = await startBooks({ smtpUrl: peer.url, mailFrom: "Popug <books@popug.test>" });
  t.after(async () => {
    await books.stop();
    await peer.stop();
  });
  await closeDay(books, 1);
  assert.deepEqual(peer.mails.map((mail) => mail.to).sort(), [
    "accountant@popug.test",
    "admin@popug.test",
    "admin@popug.test",
    "worker1@popug.test",
  ]);
  assert(peer.mails.every((mail) => mail.from === "books@popug.test"));
  assert((await rows(books)).every((row) => row.status === "sent" && row.attempts === 1));
  await assert.rejects(readdir(join(books.folder, "mailbox")), { code: "ENOENT" });

  // What the database looks like when the process ends between sending and the note of it.
  const payslip = peer.mails.find((mail) => mail.to === "worker1@popug.test");
  await books.app.owner(
    `update notifications.mail set status = 'sending', sent_at = null,
            claimed_at = clock_timestamp() - $1 * interval '1 ms' where kind = 'payslip'`,
    [CLAIM_MS / 2],
  );
  await books.app.settle();
  assert.equal(peer.mails.length, 4, "the claim of the process that may still be sending is respected");
  await books.app.owner(
    "update notifications.mail set claimed_at = clock_timestamp() - $1 * interval '1 ms' where kind = 'payslip'",
    [CLAIM_MS + 1000],
  );
  await books.app.settle();
  assert.equal(peer.mails.length, 5);
  const messageIdOf = (raw: string | undefined) => /^Message-ID: (.*)$/im.exec(raw ?? "")?.[1];
  assert.equal(messageIdOf(peer.mails[4]?.raw), messageIdOf(payslip?.raw), "a repeat is recognised by its Message-ID");
});

test("a mail server that is down or busy costs attempts with growing pauses, and no mail", async (t) => {
  let peer = await startSmtpPeer();
  const { port, url } = peer;
  await peer.stop();
  const books = await startBooks({ smtpUrl: url });
  t.after(async () => {
    await books.stop();
    await peer.stop();
  });
  await closeDay(books, 1);
  for (const row of await rows(books)) {
    assert.deepEqual([row.status, row.attempts], ["queued", 1]);
    assert.match(row.last_error ?? "", /mail server cannot be reached/);
    assert(row.wait > 3 && row.wait <= 10, `${row.wait} s`);
  }
  peer = await startSmtpPeer(port);
  peer.busy = true;
  await timeHasCome(books);
  await books.app.settle();
  for (const row of await rows(books)) {
    assert.deepEqual([row.status, row.attempts], ["queued", 2]);
    assert(row.wait > 18 && row.wait <= 40, `${row.wait} s`);
  }
  peer.busy = false;
  await timeHasCome(books);
  await books.app.settle();
  assert.deepEqual(
    (await rows(books)).map((row) => [row.status, row.last_error]),
    Array(4).fill(["sent", null]),
  );
  assert.equal(peer.mails.length, 4);
});

test("an address that the server refuses for good fails at once, is seen, and can be sent again", async (t) => {
  const peer = await startSmtpPeer();
  const books = await startBooks({ smtpUrl: peer.url });
  t.after(async () => {
    await books.stop();
    await peer.stop();
  });
  const admin = books.app.as("admin");
  peer.refused.add("worker1@popug.test");
  await closeDay(books, 1);
  const { items } = (await admin.get("/mails?status=failed")).body;
  assert.deepEqual(
    items.map((mail: { kind: string; attempts: number }) => [mail.kind, mail.attempts]),
    [["payslip", 1]],
  );
  assert.match(items[0].lastError, /refuses sender or reader.*no such mailbox/);
  assert.equal(peer.mails.length, 3, "one bad address does not hold the others up");

  peer.refused.clear();
  assert.equal((await books.app.as("worker1").post(`/mails/${items[0].mailId}/retry`)).status, 403);
  assert.equal((await admin.post(`/mails/${items[0].mailId}/retry`)).body.status, "queued");
  await books.app.settle();
  assert.equal(peer.mails.length, 4);
  const again = await admin.post(`/mails/${items[0].mailId}/retry`);
  assert.deepEqual([again.status, again.body.code], [409, "mail-not-waiting"]);
  const unknown = await admin.post("/mails/01900000-0000-7000-8000-000000000000/retry");
  assert.deepEqual([unknown.status, unknown.body.code], [404, "no-such-mail"]);
});

test("after eight attempts a mail is left to people, who can send all failed ones again", async (t) => {
  const books = await startBooks();
  t.after(async () => await books.stop());
  await writeFile(join(books.folder, "mailbox"), "in the way");
  await closeDay(books, 1);
  for (let attempt = 2; attempt <= MAX_ATTEMPTS; attempt++) {
    await timeHasCome(books);
    await books.app.settle();
  }
  for (const row of await rows(books)) {
    assert.deepEqual([row.status, row.attempts], ["failed", MAX_ATTEMPTS]);
    assert.match(row.last_error ?? "", /A file stands where the mailbox folder should be/);
  }
  await rm(join(books.folder, "mailbox"));
  const answer = await books.app.as("admin").post("/mails/retry");
  assert.deepEqual([answer.status, answer.body], [200, { count: 4 }]);
  await books.app.settle();
  assert.equal((await readdir(join(books.folder, "mailbox"))).length, 4);
});

test("a full disk under the mailbox folder loses nothing, leaves no half a file, and recovers", {
  skip: process.platform !== "linux",
}, async (t) => {
  const books = await startBooks();
  t.after(async () => await books.stop());
  const mailbox = join(books.folder, "mailbox");
  await mkdir(mailbox);
  // Whatever is written to /dev/full finds the disk full.
  const names = [`payslip.1.${books.app.people["worker1"]}`, `report.1.${books.app.people["admin"]}`];
  for (const name of names) await symlink("/dev/full", join(mailbox, `${name}.eml.${process.pid}.tmp`));
  await closeDay(books, 1);
  const failed = (await rows(books)).filter((row) => row.status === "queued");
  assert.equal(failed.length, 2);
  for (const row of failed) {
    assert.equal(row.attempts, 1);
    assert.match(row.last_error ?? "", /The disk of the mailbox folder is full/);
  }
  assert.equal((await readdir(mailbox)).length, 2, "the others are there");
  await timeHasCome(books);
  await books.app.settle();
  assert((await rows(books)).every((row) => row.status === "sent" && row.last_error === null));
  const files = await readdir(mailbox);
  assert.deepEqual([files.length, files.filter((name) => !name.endsWith(".eml"))], [4, []]);
});

test("a disk that fills up in the middle of a mail keeps whole mails only, and takes the rest once there is room", async (t) => {
  const books = await startBooks();
  let isMounted = false;
  t.after(async () => {
    if (isMounted) execFileSync("umount", [mailbox]);
    await books.stop();
  });
  const mailbox = join(books.folder, "mailbox");
  await mkdir(mailbox);
  const mount = (...how: string[]) => execFileSync("mount", [...how, mailbox], { stdio: "pipe" });
  try {
    mount("-t", "tmpfs", "-o", "size=20k", "tmpfs");
  } catch {
    return t.skip("only an administrator of a Linux machine can put a disk here");
  }
  isMounted = true;
  await closeDay(books, 1);
  const states = (await rows(books)).map((row) => row.status);
  assert(states.includes("sent") && states.includes("queued"), `some fit, some do not: ${states.join(", ")}`);
  for (const row of await rows(books)) {
    if (row.status === "queued") assert.match(row.last_error ?? "", /The disk of the mailbox folder is full/);
  }
  const sumsOfFiles = async () => {
    const sums = (await readdir(mailbox)).map(async (name) =>
      createHash("sha256")
        .update(await readFile(join(mailbox, name)))
        .digest("hex"),
    );
    return (await Promise.all(sums)).sort();
  };
  const sumsOfSent = async () => {
    const sent = await books.app.owner<{ sum: string }>(
      "select content as sum from notifications.sent_mail order by 1",
    );
    return sent.map((row) => row.sum);
  };
  assert.deepEqual(await sumsOfFiles(), await sumsOfSent());
  mount("-o", "remount,size=1m");
  await timeHasCome(books);
  await books.app.settle();
  assert((await rows(books)).every((row) => row.status === "sent"));
  assert.deepEqual([(await sumsOfFiles()).length, await sumsOfFiles()], [4, await sumsOfSent()]);
});

test("the same mail written twice is one file", async (t) => {
  const books = await startBooks();
  t.after(async () => await books.stop());
  await closeDay(books, 1);
  await books.app.owner("update notifications.mail set status = 'sending', claimed_at = now() - interval '1 day'");
  await books.app.settle();
  const names = await readdir(join(books.folder, "mailbox"));
  assert.equal(names.length, 4);
  const raw = await readFile(join(books.folder, "mailbox", names[0] as string), "utf8");
  assert.match(raw, /^Message-ID: /im);
});

test("an unusable address is never handed to a server", async (t) => {
  const peer = await startSmtpPeer();
  const books = await startBooks({ smtpUrl: peer.url });
  t.after(async () => {
    await books.stop();
    await peer.stop();
  });
  await books.app.owner(
    "update notifications.person set email = E'a@popug.test\\r\\nRCPT TO:<evil@popug.test>' where login = 'worker1'",
  );
  await closeDay(books, 1);
  const failed = (await rows(books)).filter((row) => row.status === "failed");
  assert.deepEqual(
    failed.map((row) => row.attempts),
    [1],
  );
  assert.match(failed[0]?.last_error ?? "", /is no address/);
  assert.equal(peer.mails.length, 3);
});
