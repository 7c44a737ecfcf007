import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Books, startBooks } from "./books.ts";
import { mailboxOf } from "./mailbox.ts";

let books: Books;
let box: ReturnType<typeof mailboxOf>;
let id: (login: string) => string;

before(async () => {
  books = await startBooks();
  box = mailboxOf(books);
  id = (login) => books.app.people[login] as string;
});
after(async () => await books.stop());

const choicesOf = async (login: string): Promise<Record<string, boolean>> => {
  const answer = await books.app.as(login).get("/my/mail-choices");
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return Object.fromEntries(
    answer.body.items.map((item: { kind: string; wanted: boolean }) => [item.kind, item.wanted]),
  );
};
const choose = (login: string, choice: Record<string, unknown>, key?: string) =>
  books.app.as(login).patch("/my/mail-choices", choice, key === undefined ? {} : { "idempotency-key": key });
/** A day on which the first two workers are paid. */
const closeDay = async (period: number) => {
  for (const login of ["worker1", "worker2"]) {
    await books.issue({ period, userId: id(login), creditsMinor: 2000, payoutMinor: 2000 });
  }
  await books.close({ period, businessDate: "2026-03-02" });
  await books.app.settle();
};
const outcomes = async (period: number) =>
  Object.fromEntries(
    (await box.ofPeriod(period)).map((mail) => [
      `${mail.kind} ${Object.keys(books.app.people).find((login) => id(login) === mail.userId)}`,
      mail.status,
    ]),
  );

test("everybody is offered the mails that go to their roles, and what counts unless they choose is said", async () => {
  assert.deepEqual(await choicesOf("worker1"), { assignments: false, payslip: true });
  assert.deepEqual(await choicesOf("accountant"), { assignments: false, payslip: true, audit: true });
  assert.deepEqual(await choicesOf("manager"), { payslip: true });
  assert.deepEqual(await choicesOf("admin"), { payslip: true, report: true, audit: true, "dead-letters": true });
});

test("a choice counts for whoever made it, is seen by nobody else, and a repeat of the request changes nothing", async () => {
  const answer = await choose("worker1", { payslip: false }, "off");
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal((await choicesOf("worker1"))["payslip"], false);
  assert.equal((await choicesOf("worker2"))["payslip"], true);
  await choose("worker1", { payslip: true });
  assert.deepEqual((await choose("worker1", { payslip: false }, "off")).body, answer.body);
  assert.equal((await choicesOf("worker1"))["payslip"], true, "the key was used before");
});

test("nobody chooses mails that do not go to them, that nobody chooses, or for somebody else; no token chooses", async () => {
  const refused = await choose("worker1", { payslip: false, report: true });
  assert.deepEqual([refused.status, refused.body.code], [403, "mail-not-offered"]);
  assert.equal((await choicesOf("worker1"))["payslip"], true, "nothing of a refused request counts");
  assert.equal((await choose("worker1", { "role-changed": false })).status, 400);
  assert.equal((await choose("worker1", { payslip: false, userId: id("worker2") })).status, 400);
  const { body } = await books.app.as("admin").post("/my/tokens", { name: "x", scopes: ["operations"], days: 1 });
  await books.app.settle();
  const byToken = await fetch(`${books.app.url}/api/my/mail-choices`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${body.token}`, "content-type": "application/json" },
    body: JSON.stringify({ report: false }),
  });
  assert.equal(byToken.status, 403);
});

test("a payslip that is not wanted does not go out and is read in the app; wanted again, the next one does", async () => {
  await choose("worker1", { payslip: false });
  await closeDay(1);
  const all = { "report admin": "sent", "audit admin": "sent", "audit accountant": "sent" };
  assert.deepEqual(await outcomes(1), { ...all, "payslip worker1": "withheld", "payslip worker2": "sent" });
  assert(!(await box.files()).includes(`payslip.1.${id("worker1")}.eml`));
  const { items } = (await books.app.as("worker1").get("/payslips")).body;
  assert.deepEqual([items[0].period, items[0].payoutMinor, items[0].mailStatus], [1, 2000, "withheld"]);
  assert.equal((await books.app.as("worker1").get("/my/payslips/1.pdf")).status, 200);
  const counts = await books.app.as("accountant").get("/payslips/counts?from=1&to=1");
  assert.deepEqual(counts.body.items, [{ period: 1, total: 1, sent: 1, failed: 0 }]);
  const mail = (await box.ofPeriod(1)).find(({ status }) => status === "withheld");
  assert.equal(
    (await books.app.as("admin").post(`/mails/${mail?.mailId}/retry`)).status,
    409,
    "not for operators to send",
  );

  await choose("worker1", { payslip: true });
  await closeDay(2);
  assert.equal((await outcomes(2))["payslip worker1"], "sent");
  assert.equal((await outcomes(1))["payslip worker1"], "withheld");
});

test("the choice at the moment of sending counts, and who was deactivated or lost the role gets nothing about the company", async () => {
  await rm(join(books.folder, "mailbox"), { recursive: true });
  await writeFile(join(books.folder, "mailbox"), "a file in place of the folder");
  await books.app.join({ login: "second", roles: ["admin"] });
  await books.app.join({ login: "third", roles: ["accountant"] });
  await books.app.settle();
  await closeDay(3);
  assert.deepEqual([...new Set(Object.values(await outcomes(3)))], ["queued"]);

  await choose("admin", { report: false });
  await books.app.as("admin").patch(`/users/${id("second")}`, { status: "inactive" });
  await books.app.as("admin").patch(`/users/${id("third")}`, { roles: ["worker"] });
  await books.app.as("admin").patch(`/users/${id("worker2")}`, { status: "inactive" });
  await books.app.settle();
  await rm(join(books.folder, "mailbox"));
  await books.app.owner("update notifications.mail set next_attempt_at = now() where status = 'queued'");
  await books.app.settle();
  assert.deepEqual(await outcomes(3), {
    "report admin": "withheld",
    "audit admin": "sent",
    "audit accountant": "sent",
    "report second": "withheld",
    "audit second": "withheld",
    "audit third": "withheld",
    "payslip worker1": "sent",
    // It is about their money.
    "payslip worker2": "sent",
  });
});

test("what somebody chose is forgotten with them", async () => {
  await choose("worker3", { payslip: false });
  await books.app.as("admin").patch(`/users/${id("worker3")}`, { status: "inactive" });
  assert.equal((await books.app.as("admin").post(`/users/${id("worker3")}/erase`)).status, 200);
  await books.app.settle();
  const kept = await books.app.owner("select user_id from notifications.mail_choice where user_id = $1", [
    id("worker3"),
  ]);
  assert.deepEqual(kept, []);
});
