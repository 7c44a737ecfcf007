import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { entryPostedV1 } from "../../../src/contracts/accounting/entry.posted.v1.ts";
import { MAX_EVENT_BYTES } from "../../../src/platform/event.ts";
import { type Books, openBooks } from "./books.ts";
import { type Company, company } from "./company.ts";

let books: Books;
let team: Company;
before(async () => {
  books = await openBooks();
  team = company(books);
  await team.found();
  await books.settle();
});
after(() => books?.stop());

/** Says so many tasks, assigned and done, in one transaction. */
const sayMany = (count: number) =>
  books.say((emit) => {
    for (let i = 0; i < count; i++) {
      const popug = randomUUID();
      const taskId = team.createIn(emit, `Task ${i}`);
      team.update(emit, taskId, popug, "assigned");
      team.update(emit, taskId, popug, "done");
    }
  });

test("a batch takes the same few statements whatever its size", async () => {
  const counts: number[] = [];
  for (const size of [2, 300]) {
    await sayMany(size);
    await books.log();
    const statements: string[] = [];
    await books.consumeThrough((sql) => (text, params) => {
      statements.push(text);
      return sql(text, params);
    });
    counts.push(statements.length);
    // Two of the platform's (cursor, blocked keys) and seven of the consumer's; a barrier adds two.
    assert(statements.length <= 9, statements.join(";"));
  }
  assert.equal(counts[0], counts[1]);
});

test("every line is published once, with its title, in events below the size limit whatever the titles are", async () => {
  const popug = randomUUID();
  const title = "鸚".repeat(500);
  const tasks = await Promise.all(Array.from({ length: 200 }, () => team.create(popug, title)));
  await books.settle();
  const events = await books.owner<{
    data: { entries: { taskId: string; title: string }[] };
    bytes: number;
    period: number;
  }>("select data, octet_length(data::text) as bytes, period from log where type = 'entry.posted'");
  for (const { data, bytes, period } of events) {
    assert(bytes <= MAX_EVENT_BYTES, `${bytes} bytes`);
    assert.equal(entryPostedV1.writeProblem(data), null);
    assert.equal(period, (data as unknown as { period: number }).period);
  }
  const published = events.flatMap(({ data }) => data.entries).filter((entry) => entry.taskId !== null);
  assert.deepEqual(
    published.filter((entry) => tasks.includes(entry.taskId)).map((entry) => entry.title),
    tasks.map(() => title),
  );
  const [lines] = await books.owner<{ n: number }>("select count(*) as n from posting where source = 'tasks'");
  assert.equal(published.length, lines?.n);
});
