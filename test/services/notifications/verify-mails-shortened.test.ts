/** `popug verify` about mails where the log of accounting was shortened: what went out, and what is kept of it, is held still. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { allContracts, allServices } from "../../../src/app/services.ts";
import { shortenLogs } from "../../../src/app/retention.ts";
import { openPool, sqlOn } from "../../../src/platform/database.ts";
import { unsaidMails, verifyMails } from "../../../src/services/notifications/verify.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

const CLOSED = 5;
let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false });
  const { owner } = app;
  await owner("create table public.kept as select * from accounting.log");
  await owner("drop table accounting.log_0");
  await owner("update accounting.log_source set segment_size = 2");
  await owner("select accounting.ensure_log_segment(n * 2) from generate_series(0, 100) n");
  await owner("insert into accounting.log select * from public.kept");
  for (let period = 1; period <= CLOSED; period++) {
    for (let n = 0; n < 9; n++) {
      const { body } = await app.as("manager").post("/tasks", { title: `[POP-${n}] - Feed parrot ${n}` });
      if (n % 3 > 0) assert.equal((await app.as("admin").post(`/tasks/${body.id}/complete`)).status, 200);
    }
    await app.settle();
    assert.equal((await app.as("accountant").post(`/periods/${period}/close`)).status, 202);
    await app.settle();
  }
  await owner("update accounting.log set logged_at = logged_at - interval '31 days'");
  const { dropped, kept } = await shortenLogs(app.app.homes, 30);
  assert(dropped.includes("accounting 0") && dropped.includes("accounting 1"), `${dropped}; ${kept.join("; ")}`);
});
after(() => app?.stop());

/** What is found after a change by hand of one row; it is taken back. */
async function findingsAfter(change?: string): Promise<string[]> {
  const options = { schema: "notifications", size: 1, name: "test", onError: () => {} };
  const pool = openPool(app.app.homes.of("notifications").installation.admin, options);
  const client = await pool.connect();
  try {
    await client.query("begin; set local session_replication_role = replica");
    if (change !== undefined) assert.equal((await client.query(change)).rowCount, 1, change);
    const contracts = allContracts(allServices(app.app.config.settings));
    return await verifyMails(sqlOn(client), sqlOn(client), contracts, join(app.dataDir, "mailbox"));
  } finally {
    client.release(true);
    await pool.end();
  }
}

test("mails that nobody touched are in order, and what could not be held against the log is said", async () => {
  assert.deepEqual(await findingsAfter(), []);
  assert.match((await unsaidMails(app.owner)).join("\n"), /^mails up to period [1-4] against all that accounting said/);
});

const line = (period: number) =>
  `update audit_line set amount_minor = amount_minor + 1
    where ctid = (select ctid from audit_line where period = ${period} and kind = 'fee' limit 1)`;
const mail = (set: string, kind: string) =>
  `update mail set ${set} where ctid = (select ctid from mail where period = 1 and kind = '${kind}' order by 1 limit 1)`;
const changes: Record<string, [change: string, found: RegExp]> = {
  "the subject of a mail whose events are gone": [
    mail("subject = subject || '.'", "payslip"),
    /^mail payslip:1:\S+ \(number \d+\): it was changed after it went out/,
  ],
  "the reader of one": [
    mail("to_user = gen_random_uuid()", "payslip"),
    /^mail payslip:1:\S+: kind, period or reader are not those of its key/,
  ],
  "the totals in one": [
    mail("data = jsonb_set(data, '{announced,feesMinor}', '1')", "report"),
    /^mail report:1:\S+: its totals are not those of the period/,
  ],
  "one that is taken away": [
    "delete from mail where ctid = (select ctid from mail where period = 1 and kind = 'payslip' order by 1 limit 1)",
    /^mail payslip:1:\S+ \(number \d+\): it went out, and is not there any more/,
  ],
  "a line of a period whose events are kept": [line(CLOSED), /^mails of period 5: the line of entry 5-tasks-/],
};
for (const [what, [change, found]] of Object.entries(changes)) {
  test(`${what}: a change is found, and where`, async () => {
    const findings = await findingsAfter(change);
    assert(
      findings.some((finding) => found.test(finding)),
      findings.join("\n"),
    );
  });
}

test("one changed byte in the file of a mail whose events are gone is found", async () => {
  const folder = join(app.dataDir, "mailbox");
  const name = (await readdir(folder)).find((file) => file.startsWith("payslip.1.")) ?? assert.fail();
  const whole = await readFile(join(folder, name));
  const changed = Buffer.from(whole);
  changed[whole.length - 5] = (whole[whole.length - 5] ?? 0) ^ 1;
  await writeFile(join(folder, name), changed);
  const findings = await findingsAfter();
  await writeFile(join(folder, name), whole);
  assert.equal(findings.length, 1, findings.join("\n"));
  assert.match(findings[0] ?? "", /^mail payslip:1:\S+ \(number \d+\): its file is not what went out$/);
});
