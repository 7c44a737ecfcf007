import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { exportPeriod } from "../../../src/services/accounting/export.ts";
import { type Books, openBooks } from "./books.ts";
import { company, playDay } from "./company.ts";

const script = fileURLToPath(new URL("../../../docs/audit/check-period.mjs", import.meta.url));
const exports = new Map<number, string>();
let books: Books;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "popug-audit-"));
  books = await openBooks();
  const team = company(books);
  await team.found();
  const people = Array.from({ length: 5 }, () => randomUUID());
  for (let day = 1; day <= 2; day++) {
    await playDay(team, people, 25);
    await team.end();
  }
  await books.settle();
  for (const period of [1, 2]) {
    const lines = await exportPeriod(books.role, period);
    assert(lines);
    let text = "";
    for await (const part of lines) text += part;
    exports.set(period, text);
  }
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await books?.stop();
});

/** What an outside auditor sees: exit code and what was printed. */
async function check(text: string, ...more: string[]): Promise<{ code: number; said: string }> {
  const file = join(folder, `${randomUUID()}.jsonl`);
  await writeFile(file, text);
  return await new Promise((done) => {
    execFile(process.execPath, [script, file, ...more], (error, stdout) =>
      done({ code: (error as { code?: number } | null)?.code ?? 0, said: stdout }),
    );
  });
}
const exported = (period: number) => exports.get(period) as string;
const rows = (period: number) =>
  exported(period)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const asText = (list: unknown[]) => list.map((row) => `${JSON.stringify(row)}\n`).join("");

test("the auditor's script needs nothing of ours, and is short enough to be read", () => {
  const text = readFileSync(script, "utf8");
  assert(text.split("\n").length <= 101);
  const imports = [...text.matchAll(/from "([^"]+)"/g)].map((match) => match[1]);
  assert(imports.every((name) => name?.startsWith("node:")));
});

test("an export of a closed period is in order, and follows the seal before", async () => {
  const first = await check(exported(1));
  assert.deepEqual([first.code, first.said.includes("is in order")], [0, true], first.said);
  const seal = String(rows(1)[0]?.["seal"]);
  assert.equal((await check(exported(2), seal)).code, 0);
  assert.match((await check(exported(2), "f".repeat(64))).said, /follows another seal/);
});

test("a period that is not closed has no export", async () => {
  assert.equal(await exportPeriod(books.role, 3), undefined);
});

test("any single value that is changed in an export is found, and its line named", async () => {
  const original = rows(2);
  const kinds = ["period", "posting", "block", "statement"];
  const free = new Set([
    "line",
    "debitAccount",
    "creditAccount",
    "entryId",
    "epoch",
    "eventId",
    "closedAt",
    "businessDate",
    "currency",
    "number",
  ]);
  const unsealed = new Set([...free, "paidOutMinor", "carriedMinor"]);
  let changes = 0;
  const checks: Promise<void>[] = [];
  for (const kind of kinds) {
    const index = original.findLastIndex((row) => row["line"] === kind && row["type"] !== "payout");
    for (const [name, value] of Object.entries(original[index] ?? {})) {
      if (unsealed.has(name)) continue;
      const other =
        typeof value === "number"
          ? value + 1
          : value === null
            ? "x"
            : JSON.stringify(value)
                .replaceAll('"', "")
                .replace(/.$/, (c) => (c === "0" ? "1" : "0"));
      const changed = original.with(index, { ...original[index], [name]: other });
      changes += 1;
      const found = check(asText(changed));
      checks.push(found.then(({ code, said }) => assert.equal(code, 1, `${kind}.${name}: ${said}`)));
      if (changes % 4 === 0) await Promise.all(checks);
    }
  }
  await Promise.all(checks);
  assert(changes >= 25, `${changes} values`);
  const index = original.findIndex((row) => row["line"] === "posting");
  const dearer = original.with(index, { ...original[index], amountMinor: 12_345 });
  assert.match((await check(asText(dearer))).said, new RegExp(`^line ${index + 1}: posting 2-tasks-`, "m"));
});

test("a line that is left out, doubled or moved is found", async () => {
  const original: unknown[] = rows(2);
  for (const kind of ["posting", "block", "statement"]) {
    const index = original.findIndex((row) => (row as { line: string }).line === kind);
    assert.equal((await check(asText(original.toSpliced(index, 1)))).code, 1, `${kind} left out`);
    assert.equal((await check(asText(original.toSpliced(index, 0, original[index])))).code, 1, `${kind} doubled`);
  }
  const statements = rows(2).flatMap((row, index) => (row["line"] === "statement" ? [index] : []));
  const [a, b] = statements as [number, number];
  const swapped = original.with(a, original[b]).with(b, original[a]);
  assert.equal((await check(asText(swapped))).code, 1);
});

test("a posting that the owner changed after the close does not get through the export", async () => {
  await books.owner(`do $$ begin perform set_config('session_replication_role', 'replica', true);
    update posting set amount_minor = amount_minor + 1 where (period, partition, position) =
      (select period, partition, position from posting where period = 1 and kind = 'fee' limit 1); end $$`);
  const lines = await exportPeriod(books.role, 1);
  assert(lines);
  let text = "";
  for await (const part of lines) text += part;
  assert.match((await check(text)).said, /block tasks\/\d+ is not that of its postings/);
});
