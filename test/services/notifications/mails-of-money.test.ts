import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { payDetailsChangedV1 } from "../../../src/contracts/accounting/pay-details.changed.v1.ts";
import { type Books, startBooks } from "./books.ts";
import { mailboxOf } from "./mailbox.ts";

let books: Books;
let box: ReturnType<typeof mailboxOf>;
let id: (login: string) => string;
before(async () => {
  books = await startBooks({ timeZone: "Europe/Berlin" });
  box = mailboxOf(books);
  id = (login) => books.app.people[login] as string;
  for (const [period, day, opening, credits, debits, payout] of [
    [1, "2026-03-01", 0, 9_000, 1_000, 8_000],
    [2, "2026-03-02", 0, 0, 3_000, 0],
    [3, "2026-03-03", -3_000, 1_000, 0, 0],
  ] as const) {
    await books.issue({
      ...{ period, businessDate: day, label: day, userId: id("worker1"), openingMinor: opening },
      ...{ creditsMinor: credits, debitsMinor: debits, payoutMinor: payout },
      closingMinor: opening + credits - debits - payout,
    });
    await books.close({ period, businessDate: day });
  }
  await books.app.settle();
});
after(() => books?.stop());

const ask = (login: string, whose: string, range: { from: string; to: string }) =>
  books.app.as(login).post(`/accounts/${id(whose)}/statement-mails`, range);
const march = { from: "2026-03-02", to: "2026-03-31" };

test("whose pay details were changed is told once, in their language, though the event is heard twice; not to which account", async () => {
  assert.equal((await books.app.as("admin").patch(`/users/${id("worker2")}`, { language: "ru" })).status, 200);
  await books.say("accounting", (emit) => {
    for (const login of ["worker1", "worker2"]) emit(payDetailsChangedV1, { userId: id(login), detailsId: 1 });
  });
  await books.app.settle();
  await books.app.owner("update notifications.cursor set position = 0 where consumer = 'on-pay-details-changed'");
  await books.copyOf("notifications").pass();
  await books.app.settle();
  const told = (await box.mails()).filter(({ kind }) => kind === "pay-details-changed");
  assert.deepEqual(told.map(({ userId }) => userId).sort(), [id("worker1"), id("worker2")].sort());
  const textFor = async (login: string) =>
    (await box.contentOf(told.find(({ userId }) => userId === id(login))?.key ?? "")).text as string;
  assert.match(await textFor("worker1"), /If it was not you, tell the accountants before the next payout/);
  assert.match(await textFor("worker2"), /Если это сделали не вы, сообщите бухгалтерам/);
});

test("a statement of any closed days comes by mail to whoever asks for their own, day by day and as a file", async () => {
  const { status, body } = await ask("worker1", "worker1", march);
  assert.equal(status, 202, JSON.stringify(body));
  await books.app.settle();
  const mail = await box.contentOf(body.key);
  assert.equal(mail.subject, "Account statement, 2 March 2026 to 31 March 2026");
  assert.match(mail.text, /Before the first of these days +\$0\.00\n/);
  assert.match(mail.text, /Credited +\+\$10\.00\n/);
  assert.match(mail.text, /Charged +−\$30\.00\n/);
  assert.match(mail.text, /−\$20\.00 {2}3 March 2026: \+\$10\.00, \$0\.00\n/);
  assert.doesNotMatch(mail.text, /1 March 2026:/);
  const file = await box.fileOf(body.key);
  assert.match(file, /To: worker1 Popug/);
  assert.match(file, /filename=statement-2026-03-02-2026-03-31\.csv/);
  assert.equal(mail.period, null);
});

test("an accountant gets anybody's, a worker nobody else's; what cannot be is refused, and days without books say so", async () => {
  const accountants = await ask("accountant", "worker1", { from: "2026-03-01", to: "2026-03-01" });
  assert.equal(accountants.status, 202);
  await books.app.settle();
  const { text } = await box.contentOf(accountants.body.key);
  assert.match(text, /^worker1 Popug, balance from 1 March 2026 to 1 March 2026\n/);
  assert.match(text, /paid out \$80\.00/);
  const none = await ask("worker2", "worker2", march);
  await books.app.settle();
  assert.match((await box.contentOf(none.body.key)).text, /Ни один день этого промежутка по этому счёту ещё не закрыт/);
  const refused = async (...asked: Parameters<typeof ask>) => {
    const { status, body } = await ask(...asked);
    return [status, body.code];
  };
  assert.deepEqual(await refused("worker2", "worker1", march), [403, "not-your-account"]);
  assert.deepEqual(await refused("worker1", "worker1", { from: march.to, to: march.from }), [400, "bad-range"]);
});
