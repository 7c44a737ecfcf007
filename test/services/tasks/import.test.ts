import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../../../src/platform/refusal.ts";
import { MAX_IMPORT, readCsv, readTitles } from "../../../src/services/tasks/import.ts";

const refuses = (code: string, work: () => unknown) =>
  assert.throws(work, (error) => error instanceof Refusal && error.code === code);

test("a column title is needed, a column description is read, others are passed over", () => {
  const { drafts, rejected } = readCsv("\ufeffcreated_at,Title,description\r\n2020,[A-1] - one,first\r\n2021,two,\r\n");
  assert.deepEqual(rejected, []);
  assert.deepEqual(drafts, [
    { title: "one", jiraId: "A-1", description: "first" },
    { title: "two", jiraId: null, description: "" },
  ]);
  refuses("csv-without-title", () => readCsv("name\nx"));
  refuses("csv-without-title", () => readCsv(""));
});

test("each bad line is named with its number and a reason, and the good ones are read", () => {
  const long = "x".repeat(501);
  const csv = `title,description\ngood,\n,no title\none,two,three\n"in two\nlines",\n${long},\na "b" c,\nlast,`;
  const { drafts, rejected } = readCsv(csv);
  assert.deepEqual(
    drafts.map((draft) => draft.title),
    ["good", "in two lines", "last"],
  );
  assert.deepEqual(
    rejected.map(({ line, reason }) => [line, reason.split(" ").slice(0, 3).join(" ")]),
    [
      [3, "title must not"],
      [4, "the number of"],
      [7, "title must not"],
      [8, "a quotation mark"],
    ],
  );
});

test("a quotation mark that is never closed is reported, not swallowed", () => {
  const { drafts, rejected } = readCsv('title\ngood\n"open\nrest\n');
  assert.equal(drafts.length, 1);
  assert.match(rejected[0]?.reason ?? "", /never closed/);
});

test("titles are read as they are, and named by their place", () => {
  const { drafts, rejected } = readTitles(["one", "", "[B-2] three"]);
  assert.deepEqual(
    drafts.map((draft) => draft.jiraId),
    [null, "B-2"],
  );
  assert.deepEqual(rejected, [{ line: 2, reason: "title must not be empty" }]);
});

test("an import is bounded", () => {
  const titles = Array.from({ length: MAX_IMPORT }, () => "x");
  assert.equal(readTitles(titles).drafts.length, MAX_IMPORT);
  refuses("import-too-long", () => readTitles([...titles, "one more"]));
  refuses("import-too-long", () => readCsv(`title\n${titles.join("\n")}\nx`));
});
