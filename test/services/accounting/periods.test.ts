import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import { findAccount } from "../../../src/services/accounting/account-store.ts";
import { listDayRows } from "../../../src/services/accounting/day-store.ts";
import { findPeriod } from "../../../src/services/accounting/period-store.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { type Books, openBooks } from "./books.ts";
import { type Company, company, dateOf } from "./company.ts";

let books: Books;
let team: Company;
beforeEach(async () => {
  books = await openBooks();
  team = company(books);
  await team.found();
});
afterEach(() => books.stop());

test("a day that is closed early has a second part, and the views by day add the parts", async () => {
  const popug = randomUUID();
  await team.create(popug);
  await team.endEarly();
  await team.create(popug);
  await books.settle();
  const [first, second] = [await findPeriod(books.role, 1), await findPeriod(books.role, 2)];
  assert.deepEqual([first?.label, second?.label], [dateOf(1), `${dateOf(1)}/2`]);
  const [day] = await listDayRows(books.role, { day: dateOf(1) }, 1);
  const [fees] = await books.owner<{ sum: number }>("select sum(fee_minor)::bigint as sum from price");
  assert.deepEqual([day?.earnedMinor, day?.periods, day?.closed], [fees?.sum, [1, 2], false]);
  assert.equal((await findAccount(books.role, popug))?.earnedTodayMinor, -(fees?.sum ?? 0));
  assert.deepEqual((await verifyBooks(books.owner)).findings, []);
});

test("the schedule asks for the end of a period once, when its time is over", async () => {
  await books.settle();
  const requests = () =>
    books.owner("select data->>'by' as by, period from log where type = 'billing.close-requested'");
  assert.deepEqual(await requests(), []);
  const [ahead] = await books.owner<{ ms: number }>(
    "select ceil(extract(epoch from ends_at - popug.business_now()) * 1000)::bigint + 1000 as ms from period where number = 1",
  );
  await books.owner("select popug.move_clock(make_interval(secs => greatest($1::float8 / 1000, 0)))", [ahead?.ms]);
  await books.settle();
  await books.settle();
  assert.deepEqual(await requests(), [{ by: "schedule", period: 1 }]);
});
