import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { userCreatedV1 } from "../../../src/contracts/auth/user.created.v1.ts";
import { type Books, entry, startBooks } from "./books.ts";
import { crashInside, mailboxOf } from "./mailbox.ts";

let books: Books;
let id: (login: string) => string;
let box: ReturnType<typeof mailboxOf>;

before(async () => {
  books = await startBooks({}, 16);
  box = mailboxOf(books);
  id = (login) => books.app.people[login] as string;
});
after(async () => await books.stop());

test("a period whose entries did not all get through is not mailed until they did", async () => {
  await books.post(2, "2026-03-03", 7, [entry(id("worker1"), "fee", -1000)]);
  await books.app.owner("update accounting.outbox set data = data - 'entries' where type = 'entry.posted'");
  await books.issue({ period: 2, userId: id("worker1"), debitsMinor: 1000, closingMinor: -1000 });
  await books.close({ period: 2, businessDate: "2026-03-03" });
  await books.app.settle();
  assert.deepEqual(await box.ofPeriod(2), []);
  await books.app.owner(
    `update notifications.dead_letter set redrive_at = now(),
            edited = (event->'data') || jsonb_build_object('entries', jsonb_build_array($1::jsonb)) where status = 'dead'`,
    [JSON.stringify(entry(id("worker1"), "fee", -1000))],
  );
  await books.app.settle();
  assert.equal((await box.ofPeriod(2)).length, 4);
});

test("two copies of the service queue and send each mail once", async () => {
  for (let i = 0; i < 40; i++) await books.post(3, "2026-03-04", i % 16, [entry(id("worker1"), "fee", -1000)]);
  for (const login of ["worker1", "worker2", "worker3"]) {
    await books.issue({ period: 3, userId: id(login), debitsMinor: 1000, closingMinor: -1000 });
  }
  await books.close({ period: 3, businessDate: "2026-03-04" });
  await books.step("accounting", "sequencer");
  const copy = books.copyOf("notifications");
  const own = books.app.app.services.get("notifications");
  for (let i = 0; i < 30; i++) await Promise.all([copy.pass(), own?.pass()]);
  await books.app.settle();
  const queued = await box.ofPeriod(3);
  assert.equal(queued.length, 6);
  const attempts = await books.app.owner<{ attempts: number }>(
    "select attempts from notifications.mail where period = 3",
  );
  assert.deepEqual(
    attempts.map((row) => row.attempts),
    [1, 1, 1, 1, 1, 1],
  );
});

test("a statement may come before its popug: the payslip waits for them, the others do not", async () => {
  const userId = randomUUID();
  await books.issue({ period: 4, userId, creditsMinor: 2000, payoutMinor: 2000 });
  await books.issue({ period: 4, userId: id("worker1"), creditsMinor: 2000, payoutMinor: 2000 });
  await books.close({ period: 4, businessDate: "2026-03-05" });
  await books.app.settle();
  const waiting = (await box.ofPeriod(4)).filter((mail) => mail.status !== "sent");
  assert.deepEqual(
    waiting.map((mail) => [mail.userId, mail.status, mail.waitsFor]),
    [[userId, "queued", `user:${userId}`]],
  );
  await books.say("auth", (emit) =>
    emit(userCreatedV1, {
      userId,
      login: "late",
      name: "Late\r\nBcc: evil@popug.test",
      email: "late@popug.test",
      roles: ["worker"],
      language: "ru",
      status: "active",
      version: 1,
      validFrom: "2026-03-01T00:00:00.000Z",
    }),
  );
  await books.app.settle();
  const raw = await box.fileOf(`payslip:4:${userId}`);
  const [head = ""] = raw.split("\r\n\r\n");
  assert.doesNotMatch(head, /^Bcc:/im, "a name cannot add a header");
});

test("a crash between keeping an event and moving the cursor leaves neither, and the period is mailed once", async () => {
  await books.post(8, "2026-03-09", 2, [entry(id("worker1"), "fee", -1000)]);
  await books.issue({ period: 8, userId: id("worker1"), debitsMinor: 1000, closingMinor: -1000 });
  await books.close({ period: 8, businessDate: "2026-03-09" });
  await books.step("accounting", "sequencer");
  for (const consumer of ["on-entry-posted", "on-statement-issued", "on-billing-closed"]) {
    await crashInside(books, `consumer:${consumer}`, "arrived");
  }
  const kept = await books.app.owner("select 1 from notifications.audit_line where period = 8");
  assert.deepEqual([kept, await box.ofPeriod(8)], [[], []]);
  for (const consumer of ["on-entry-posted", "on-statement-issued", "on-billing-closed"]) {
    await books.step("notifications", `consumer:${consumer}`);
  }
  await crashInside(books, "job:queue-period-mails", "closed_period");
  assert.deepEqual(await box.ofPeriod(8), []);
  await books.app.settle();
  assert.equal((await box.ofPeriod(8)).length, 4);
});

test("what two people decided not to book stands in report and audit log: which event, why, and who they were", async () => {
  const one = { type: "task.updated", eventId: randomUUID(), by: [id("admin"), id("accountant")] };
  const discarded = Array.from({ length: 21 }, (_, i) => ({
    ...one,
    key: `task ${i}`,
    reason: "of nobody; <i>agreed</i>",
  }));
  await books.close({ period: 10, businessDate: "2026-03-11", discardedCount: 30, discarded });
  await books.app.settle();
  for (const kind of ["report", "audit"]) {
    const { text, html } = await box.contentOf(`${kind}:10:${id("admin")}`);
    assert.match(
      text,
      /not to book\ntask\.updated task 0 · of nobody; <i>agreed<\/i> · admin Popug, accountant Popug\n[^]*task 19 [^]*\nand 10 more\n/,
    );
    assert.doesNotMatch(text, /task 20 /);
    assert.match(html, /task\.updated task 19 · of nobody; &lt;i&gt;agreed/);
  }
});

test("a broken event that people discard holds no mail up, and the audit log says that it is left out", async () => {
  await books.post(9, "2026-03-10", 7, [entry(id("worker1"), "fee", -1000)]);
  await books.app.owner("update accounting.outbox set data = data - 'entries' where type = 'entry.posted'");
  await books.close({ period: 9, businessDate: "2026-03-10" });
  await books.app.settle();
  assert.deepEqual(await box.ofPeriod(9), []);
  await books.app.owner(
    `update notifications.dead_letter set status = 'discarded', discard_by = $1, discard_reason = 'broken',
            ended_at = now() where status = 'dead'`,
    [id("admin")],
  );
  await books.app.settle();
  assert.equal((await box.ofPeriod(9)).length, 3);
  assert.match(
    (await box.contentOf(`audit:9:${id("admin")}`)).text,
    /Left out by people's decision: events of the books, 1\.[^]*not to book\nentry\.posted \S+ · broken · admin Popug\n/,
  );
});
