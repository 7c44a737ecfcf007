/** `popug verify` about mails: the smallest change of anything that a mail of a past day was made of, or of what went out. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPool, sqlOn } from "../../../src/platform/database.ts";
import { allContracts, allServices } from "../../../src/app/services.ts";
import { verifyMails } from "../../../src/services/notifications/verify.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false });
  for (let period = 1; period <= 2; period++) {
    // In the second one, payslips are there and do not go out, because their readers chose so.
    for (const login of period === 1 ? [] : ["worker1", "worker2", "worker3"]) {
      assert.equal((await app.as(login).patch("/my/mail-choices", { payslip: false })).status, 200);
    }
    for (let n = 0; n < 9; n++) {
      const { body } = await app.as("manager").post("/tasks", { title: `[POP-${n}] - Feed parrot ${n}` });
      if (n % 3 > 0) assert.equal((await app.as("admin").post(`/tasks/${body.id}/complete`)).status, 200);
    }
    await app.settle();
    assert.equal((await app.as("accountant").post(`/periods/${period}/close`)).status, 202);
    await app.settle();
  }
});
after(() => app?.stop());

/** What is found after a change by hand that no rule refuses; it is taken back. */
async function findingsAfter(...changes: string[]): Promise<string[]> {
  const options = { schema: "notifications", size: 1, name: "test", onError: () => {} };
  const pool = openPool(app.app.homes.of("notifications").installation.admin, options);
  const client = await pool.connect();
  try {
    await client.query("begin; set local session_replication_role = replica");
    for (const change of changes) {
      const { rowCount } = await client.query(change);
      assert.equal(rowCount, 1, change);
    }
    const contracts = allContracts(allServices(app.app.config.settings));
    return await verifyMails(sqlOn(client), sqlOn(client), contracts, join(app.dataDir, "mailbox"));
  } finally {
    client.release(true);
    await pool.end();
  }
}

const first = (table: string, where: string) =>
  `ctid = (select ctid from ${table} where period = 1 and ${where} order by 1 limit 1)`;

test("mails that nobody touched are in order", async () => {
  const [row] = await app.owner<{ sent: number }>("select count(*) as sent from notifications.sent_mail");
  assert((row?.sent ?? 0) >= 7, `${row?.sent} mails went out`);
  const withheld = await app.owner("select key from notifications.mail where status = 'withheld'");
  assert(withheld.length > 0, "payslips of the second period");
  assert.deepEqual(await findingsAfter(), []);
});

const changes: Record<string, { sql: string[]; found: RegExp }> = {
  ...Object.fromEntries(
    ["amount_minor = amount_minor + 1", "title = title || '.'", "jira_id = jira_id || '.'", "kind = 'reward'"].map(
      (set) => [
        `a line of the audit log: ${set}`,
        {
          sql: [`update audit_line set ${set} where ${first("audit_line", "kind = 'fee'")}`],
          found: /^mails of period 1: the line of entry 1-tasks-/,
        },
      ],
    ),
  ),
  ...Object.fromEntries(
    ["payout_minor", "opening_minor", "closing_minor", "credits_minor"].map((name) => [
      `a statement: ${name}`,
      {
        sql: [`update statement set ${name} = ${name} + 1 where ${first("statement", "true")}`],
        found: /^mails of period 1: the statement of /,
      },
    ]),
  ),
  "a line that is taken away": {
    sql: [`delete from audit_line where ${first("audit_line", "kind = 'fee'")}`],
    found: /^mails of period 1: the line of entry/,
  },
  "a line that is put in": {
    sql: [
      `insert into audit_line select (jsonb_populate_record(l, '{"entry_id": "1-tasks-1-0-0-0"}')).* from audit_line l where ${first("audit_line", "true")}`,
    ],
    found: /^mails of period 1: \d+ lines are kept, accounting said \d+/,
  },
  "the totals of a period": {
    sql: ["update closed_period set announced = jsonb_set(announced, '{feesMinor}', '1') where period = 1"],
    found: /^mails of period 1: its totals were changed/,
  },
  "the totals in a report": {
    sql: ["update mail set data = jsonb_set(data, '{announced,feesMinor}', '1') where kind = 'report' and period = 1"],
    found: /^mail report:1:\S+: its totals are not those of the period/,
  },
  "the reader of a payslip": {
    sql: [`update mail set to_user = gen_random_uuid() where ${first("mail", "kind = 'payslip'")}`],
    found: /^mail payslip:1:\S+: kind, period or reader are not those of its key/,
  },
  "the subject of a mail that went out": {
    sql: [`update mail set subject = subject || '.' where ${first("mail", "kind = 'payslip'")}`],
    found: /^mail payslip:1:\S+ \(number \d+\): it was changed after it went out/,
  },
  "the time at which a mail went out": {
    sql: [`update mail set sent_at = sent_at + interval '1 microsecond' where ${first("mail", "kind = 'audit'")}`],
    found: /^mail audit:1:\S+ \(number \d+\): it was changed after it went out/,
  },
  "a payslip that is taken away": {
    sql: [`delete from mail where ${first("mail", "kind = 'payslip'")}`],
    found: /^mail payslip:1:\S+ \(number \d+\): it went out, and is not there any more/,
  },
  "the hash of what went out": {
    sql: ["update sent_mail set content = repeat('0', 64) where number = 2"],
    found: /\(number 2\): the chain of what went out was changed here/,
  },
  "a line of the chain that is taken away": {
    sql: ["delete from sent_mail where number = 3"],
    found: /\(number 4\): the number before it is missing/,
  },
};

for (const [what, { sql, found }] of Object.entries(changes)) {
  test(`${what}: a change is found, and where`, async () => {
    const findings = await findingsAfter(...sql);
    assert(
      findings.some((finding) => found.test(finding)),
      findings.join("\n"),
    );
  });
}

test("one changed byte in a file of the mailbox is found, and in which", async () => {
  const folder = join(app.dataDir, "mailbox");
  const [name] = (await readdir(folder)).filter((file) => file.startsWith("payslip.1."));
  const path = join(folder, name as string);
  const whole = await readFile(path);
  const changed = Buffer.from(whole);
  changed[whole.length - 5] = (whole[whole.length - 5] ?? 0) ^ 1;
  await writeFile(path, changed);
  const findings = await findingsAfter();
  const key = (name as string).replace(".eml", "").replaceAll(".", ":");
  assert.equal(findings.length, 1, findings.join("\n"));
  assert(findings[0]?.startsWith(`mail ${key} (number `) && findings[0].endsWith("its file is not what went out"));
  await writeFile(path, whole);
});

test("what went out is changed by nobody: not by the service's role, and not past the trigger", async () => {
  await assert.rejects(app.sql("notifications")("update sent_mail set key = key"), /permission denied/);
  await assert.rejects(app.sql("notifications")("delete from sent_mail"), /permission denied/);
  await assert.rejects(app.owner("update notifications.sent_mail set key = key"), /append-only/);
  await assert.rejects(app.owner("truncate notifications.sent_mail"), /append-only/);
});
