import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { type Books, entry, startBooks } from "./books.ts";
import { type Mail, mailboxOf } from "./mailbox.ts";

let books: Books;
let id: (login: string) => string;
let box: ReturnType<typeof mailboxOf>;

before(async () => {
  books = await startBooks({}, 16);
  box = mailboxOf(books);
  id = (login) => books.app.people[login] as string;
});
after(async () => await books.stop());

test("nothing is mailed about a period before all sixteen barriers are here, and everything once they are", async () => {
  await books.post(1, "2026-03-02", 3, [
    entry(id("worker1"), "fee", -1500, { title: "Wash <b>the</b> cage", jiraId: "POP-1" }),
    entry(id("worker1"), "reward", 4000, { title: "Wash <b>the</b> cage", jiraId: "POP-1" }),
    entry(id("worker2"), "fee", -870, { title: "=SUM(A1:A9)" }),
  ]);
  const paid = { openingMinor: 0, creditsMinor: 4000, debitsMinor: 1500, payoutMinor: 2500, closingMinor: 0 };
  await books.issue({ period: 1, userId: id("worker1"), ...paid });
  await books.issue({ period: 1, userId: id("worker2"), debitsMinor: 870, closingMinor: -870 });
  await books.issue({ period: 1, userId: id("worker3") });
  await books.close({
    period: 1,
    businessDate: "2026-03-02",
    feesMinor: 2370,
    returnedMinor: 1_200,
    rewardsMinor: 4000,
    earnedMinor: -1630,
    paidOutMinor: 2500,
    payoutCount: 1,
    carriedMinor: -870,
    negativeCount: 1,
    accountCount: 3,
    entryCount: 3,
  });
  // The last partition's barrier is on its way for longer.
  const late = "partition = 15 and is_barrier";
  await books.app.owner(`create table public.held as select * from accounting.outbox where ${late}`);
  await books.app.owner(`delete from accounting.outbox where ${late}`);
  await books.app.settle();
  assert.deepEqual(await box.mails(), []);
  assert.deepEqual(await box.files(), []);

  await books.app.owner("insert into accounting.outbox overriding system value select * from public.held");
  await books.app.settle();
  assert.deepEqual(
    (await box.mails()).map((mail) => [mail.key, mail.status]).sort(),
    [
      [`audit:1:${id("accountant")}`, "sent"],
      [`audit:1:${id("admin")}`, "sent"],
      [`payslip:1:${id("worker1")}`, "sent"],
      [`payslip:1:${id("worker2")}`, "sent"],
      [`report:1:${id("admin")}`, "sent"],
    ].sort(),
  );
  assert.equal((await box.files()).length, 5, "worker3 had neither balance nor movement: no payslip");
});

test("a payslip says what is paid and why, with what people typed escaped", async () => {
  const mail = await box.contentOf(`payslip:1:${id("worker1")}`);
  assert.equal(mail.subject, "Payslip for 2 March 2026: $25.00");
  assert.match(mail.text, /Paid for done tasks +\+\$40\.00/);
  assert.match(mail.text, /Charged for assigned tasks +−\$15\.00/);
  assert.match(mail.html, /Wash &lt;b&gt;the&lt;\/b&gt; cage/);
  assert.doesNotMatch(mail.html, /<b>/);
  const raw = await box.fileOf(`payslip:1:${id("worker1")}`);
  assert.match(raw, /^To: worker1 Popug <worker1@popug\.test>\r$/m);
  assert.match(raw, /^Message-ID: <[0-9a-f]{40}@/im);
});

test("who is below zero reads what is carried over, in their language", async () => {
  const before = await box.contentOf(`payslip:1:${id("worker2")}`);
  assert.match(before.text, /−\$8\.70 is carried over/);
  await books.app.owner("update notifications.person set language = 'ru' where user_id = $1", [id("worker2")]);
  const mail = await box.contentOf(`payslip:1:${id("worker2")}`);
  assert.match(mail.text, /−8,70\s\$ переносится/);
  await books.app.owner("update notifications.person set language = 'en' where user_id = $1", [id("worker2")]);
});

test("the report tells management what was earned, paid out and carried, and the dearest finished task", async () => {
  const mail = await box.contentOf(`report:1:${id("admin")}`);
  assert.equal(mail.subject, "Report for 2 March 2026: earned −$16.30");
  assert.match(mail.text, /Paid out to 1 popug +\$25\.00/);
  assert.match(mail.text, /Payouts that came back +\$12\.00/);
  assert.doesNotMatch(mail.text, /Debts written off|Balances brought in/);
  assert.match(mail.text, /Most expensive task · POP-1 · Wash <b>the<\/b> cage · worker1 Popug +\$40\.00/);
  assert.match(mail.text, /Popugs below zero: 1/);
  assert.match(mail.text, /−\$8\.70 {2}worker2 Popug/);
  assert.match(mail.text, /Earned day by day\n17 February {2}–\n[\s\S]*\n1 March {2}–\n2 March {2}−\$16\.30\n/);
  assert.match(mail.html, /<img src="data:image\/png;base64,[^"]+" alt="17 February: –, [^"]*, 2 March: −\$16\.30"/);
  const raw = await box.fileOf(`report:1:${id("admin")}`);
  assert.match(raw, /src=3D"cid:earned-by-day\.png"|src="cid:earned-by-day\.png"/);
  assert.match(raw, /^Content-I[dD]: <earned-by-day\.png>\r$/m);
});

test("the audit log goes out as CSV in which no title runs as a formula", async () => {
  const mail = await box.contentOf(`audit:1:${id("accountant")}`);
  assert.equal(mail.attachments[0].filename, "audit-2026-03-02.csv");
  const raw = await box.fileOf(`audit:1:${id("accountant")}`);
  const encoded = /filename=audit-2026-03-02\.csv[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(raw)?.[1] ?? "";
  const csv = Buffer.from(encoded, "base64").toString("utf8");
  assert.match(csv, /^\uFEFFtime,popug,kind/);
  assert.match(csv, /,POP-1,Wash <b>the<\/b> cage,-15\.00,USD,/);
  assert.match(csv, /,'=SUM\(A1:A9\),-8\.70,USD,/);
  assert.equal(csv.trim().split("\r\n").length, 4);
});

test("who has left the company is paid what is due, and is not written to about an old debt", async () => {
  await books.app.as("admin").patch(`/users/${id("worker3")}`, { status: "inactive" });
  await books.issue({ period: 5, userId: id("worker3"), openingMinor: -500, closingMinor: -500 });
  await books.close({ period: 5, businessDate: "2026-03-06" });
  await books.app.settle();
  assert.deepEqual(
    (await box.ofPeriod(5)).filter((mail) => mail.kind === "payslip"),
    [],
  );
  await books.issue({ period: 6, userId: id("worker3"), creditsMinor: 500, payoutMinor: 500 });
  await books.close({ period: 6, businessDate: "2026-03-07" });
  await books.app.settle();
  assert.equal((await box.ofPeriod(6)).filter((mail) => mail.kind === "payslip").length, 1);
});

test("everybody reads their own mails, operators all of them, nobody anybody else's", async () => {
  const own = await books.app.as("worker1").get("/my/mails");
  assert.equal(own.status, 200);
  assert(own.body.items.length > 0);
  const mine = await books.app.as("worker1").get(`/my/mails/${own.body.items[0].mailId}`);
  assert.match(mine.body.text, /worker1 Popug/);
  const other = await books.app.as("worker2").get(`/my/mails/${own.body.items[0].mailId}`);
  assert.deepEqual([other.status, other.body.code], [404, "no-such-mail"]);
  for (const login of ["worker1", "manager", "accountant"]) {
    assert.equal((await books.app.as(login).get("/mails")).status, 403);
  }
  const file = await books.app.as("admin").get(`/mails/${own.body.items[0].mailId}/file`);
  assert.match(file.body.eml, /^Message-ID:/im);
});

test("pages of mails neither miss nor repeat one", async () => {
  const all = (await box.mails()).map((mail) => mail.mailId);
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const { body } = await books.app.as("admin").get(`/mails?limit=3${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.items.map((mail: Mail) => mail.mailId));
    cursor = body.nextCursor;
  }
  assert.deepEqual(seen, all);
});

test("a large audit log goes out compressed and whole; a long payslip says how many lines are in the app", async () => {
  const events = 250;
  for (let i = 0; i < events; i++) {
    await books.post(
      7,
      "2026-03-08",
      i % 16,
      Array.from({ length: 40 }, () => entry(id("worker1"), "fee", -1000)),
    );
  }
  await books.issue({ period: 7, userId: id("worker1"), debitsMinor: 10_000_000, closingMinor: -10_000_000 });
  await books.close({ period: 7, businessDate: "2026-03-08" });
  await books.app.settle();
  const audit = await box.contentOf(`audit:7:${id("admin")}`);
  assert.equal(audit.status, "sent");
  assert.equal(audit.attachments[0].filename, "audit-2026-03-08.csv.gz");
  const raw = await box.fileOf(audit.key);
  const encoded = /filename=audit-2026-03-08\.csv\.gz[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(raw)?.[1] ?? "";
  const csv = gunzipSync(Buffer.from(encoded, "base64")).toString("utf8");
  assert.equal(csv.trim().split("\r\n").length, 1 + events * 40);
  const payslip = await box.contentOf(`payslip:7:${id("worker1")}`);
  assert.match(payslip.text, /and 9,900 more in your account/);
  assert(payslip.html.length < 100_000, `${payslip.html.length} bytes`);
});
