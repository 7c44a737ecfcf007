// Checks the export of a closed period, with nothing but Node: node check-period.mjs period-12.jsonl [the seal of period 11]
// The export is JSON Lines: one "period", then "posting" lines, "block" lines and "statement" lines. What is checked:
//   block       the rolling hash over the postings of one source and partition, in their order:
//               sha256(hash before + "\n" + "position|leg|type|userId|amountMinor|taskId|occurredAtMs"), from 64 zeros
//   statements  opening + credits − debits − payout = closing; what moved is what was posted; all that is above zero is paid
//   seal        sha256 over the seal before, the label, the blocks and the hash of the statements, joined by "\n"
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const [file, previousSeal] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node check-period.mjs <export.jsonl> [seal of the period before]");
  process.exit(2);
}
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const problems = [];
const wrong = (line, text) => problems.push(`line ${line}: ${text}`);

let period;
const blocks = new Map();
const told = new Map();
const posted = new Map();
const statementLines = [];
let earned = 0;
let entries = 0;

for (const [index, text] of readFileSync(file, "utf8").trimEnd().split("\n").entries()) {
  const line = index + 1;
  let row;
  try {
    row = JSON.parse(text);
  } catch {
    wrong(line, "is not JSON");
    continue;
  }
  if (row.line === "period") period = { ...row, at: line };
  else if (row.line === "posting") readPosting(row, line);
  else if (row.line === "block") readBlock(row, line);
  else if (row.line === "statement") readStatement(row, line);
  else wrong(line, `is nothing of an export: ${row.line}`);
}

function readPosting(row, line) {
  entries += 1;
  const sum = posted.get(row.userId) ?? { credits: 0, debits: 0, payout: 0 };
  posted.set(row.userId, sum);
  if (!Number.isSafeInteger(row.amountMinor) || row.amountMinor <= 0) wrong(line, `an amount of ${row.amountMinor}`);
  if (row.type === "payout") sum.payout += row.amountMinor;
  else if (row.side === "credit") sum.credits += row.amountMinor;
  else sum.debits += row.amountMinor;
  if (/^(fee|reward)/.test(row.type)) earned += row.side === "debit" ? row.amountMinor : -row.amountMinor;
  // A payout follows from its statement, and is covered by that one's hash.
  if (row.type === "payout") return;
  const key = `${row.source}/${row.partition}`;
  const block = blocks.get(key) ?? { head: "0".repeat(64), lines: 0 };
  const what = [row.position, row.leg, row.type, row.userId, row.amountMinor, row.taskId ?? "", row.occurredAtMs];
  const head = sha256(`${block.head}\n${what.join("|")}`);
  if (head !== row.hash) wrong(line, `posting ${row.entryId}: its hash is another one`);
  // On with the hash that stands there: so that one changed line is one finding, and not all that follow.
  blocks.set(key, { head: row.hash, lines: block.lines + 1 });
}

function readBlock(row, line) {
  const key = `${row.source}/${row.partition}`;
  const { head, lines } = blocks.get(key) ?? {};
  if (head !== row.head || lines !== row.lines || told.has(key))
    wrong(line, `block ${key} is not that of its postings`);
  told.set(key, row);
}

function readStatement(row, line) {
  const { userId, openingMinor, creditsMinor, debitsMinor, payoutMinor, closingMinor } = row;
  const sum = posted.get(userId) ?? { credits: 0, debits: 0, payout: 0 };
  posted.delete(userId);
  if (openingMinor + creditsMinor - debitsMinor - payoutMinor !== closingMinor)
    wrong(line, `${userId}: does not add up`);
  if (closingMinor > 0 || (payoutMinor > 0 && closingMinor !== 0)) wrong(line, `${userId}: not all was paid out`);
  if (sum.credits !== creditsMinor || sum.debits !== debitsMinor) wrong(line, `${userId}: not what was posted`);
  if (sum.payout !== payoutMinor) wrong(line, `${userId}: another payout than was posted`);
  statementLines.push([userId, openingMinor, creditsMinor, debitsMinor, payoutMinor, closingMinor].join("|"));
}

if (period === undefined) wrong(1, "there is no period");
else {
  for (const key of blocks.keys()) if (!told.has(key)) wrong(period.at, `block ${key} is not told`);
  for (const userId of posted.keys()) wrong(period.at, `${userId}: posted, but without a statement`);
  const statementsHash = sha256(statementLines.join("\n"));
  const nameOf = ({ source, partition }) => (source === "tasks" ? partition : `${source}/${partition}`);
  const heads = [...told.values()].map((block) => `${nameOf(block)}|${block.lines}|${block.head}`);
  const seal = sha256([period.previousSeal, period.label, ...heads, statementsHash].join("\n"));
  if (statementsHash !== period.statementsHash) wrong(period.at, "the hash of the statements is another one");
  if (seal !== period.seal) wrong(period.at, `the seal is ${period.seal}, it should be ${seal}`);
  if (previousSeal !== undefined && previousSeal !== period.previousSeal) wrong(period.at, "follows another seal");
  if (entries !== period.entryCount) wrong(period.at, `${entries} entries, not ${period.entryCount}`);
  if (earned !== period.earnedMinor) wrong(period.at, `${earned} earned, not ${period.earnedMinor}`);
}
for (const problem of problems) console.log(problem);
console.log(problems.length === 0 ? `period ${period.number} is in order; its seal: ${period.seal}` : "NOT in order");
process.exit(problems.length === 0 ? 0 : 1);
