/**
 * `npm run bench [name …]`: prints machine, load and medians; never asserts. Each measure is a file of its own that exports
 * what it measures; the product runs with fsync on.
 */
import { cpus, loadavg, totalmem } from "node:os";
import { backlog } from "./backlog.ts";
import { close } from "./close.ts";
import { commands } from "./commands.ts";
import { copies } from "./copies.ts";
import { identity } from "./identity.ts";
import { latency } from "./latency.ts";
import { ledger } from "./ledger.ts";
import { ledgerClose } from "./ledger-close.ts";
import { ledgerYear } from "./ledger-year.ts";
import { lighthouse } from "./lighthouse.ts";
import type { Measure } from "./measure.ts";
import { shuffle } from "./shuffle.ts";
import { startTime } from "./start-time.ts";
import { web } from "./web.ts";

const measures: readonly Measure[] = [
  startTime,
  commands,
  backlog,
  latency,
  shuffle,
  close,
  copies,
  ledger,
  ledgerClose,
  ledgerYear,
  identity,
  web,
  lighthouse,
];
const wanted = process.argv.slice(2);
const chosen = measures.filter((measure) => wanted.length === 0 || wanted.includes(measure.name));

console.log(`${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`);
for (const measure of chosen) {
  const figures = new Map<string, number[]>();
  const loadBefore = loadavg()[0] ?? 0;
  for (let run = 0; run < measure.runs; run++) {
    for (const [name, value] of Object.entries(await measure.run())) {
      figures.set(name, [...(figures.get(name) ?? []), value]);
    }
  }
  console.log(
    `\n${measure.name} (${measure.runs} runs, load ${loadBefore.toFixed(1)} → ${(loadavg()[0] ?? 0).toFixed(1)})`,
  );
  for (const [name, values] of figures) {
    const sorted = values.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
    const show = (value: number) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : 0 });
    console.log(
      `  ${name.padEnd(44)} median ${show(median)}   (${show(sorted[0] ?? 0)} … ${show(sorted.at(-1) ?? 0)})`,
    );
  }
}
