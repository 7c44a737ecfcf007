/**
 * The ledger beside its own server and its peers. In slices, in turn, so that a busy minute of the machine meets all of them:
 * task events through accounting's consumer (prices, names, postings, balances, hashes, events out, cursor), the ledger's own
 * part of that (postings, balances, hashes, cursor), raw multi-row INSERT of rows of the same columns and key, and pgledger
 * (`PGLEDGER` names a checkout of it, else it is left out). pgbench comes at the end. Beside the rates stands what each costs in
 * processor time, of the server and of this process, which other processes on the machine disturb less.
 */
import { allBooked, cpuTime, drain, type Ground, openGround, sayTasks } from "./ledger-ground.ts";
import { BATCH, ledgerAlone, type Peer, pgbench, pgledger, rawRows } from "./ledger-peers.ts";
import type { Measure } from "./measure.ts";

const TASKS = 18_000;
const POPUGS = 1_000;
const ROUNDS = 9;
/** Transfers of each in a round, whole batches of each share; fewer of the slow ones. */
const SLICE = 4 * BATCH;
const BATCHED = 3_000;
const SINGLES = 400;

type Clocked = { peer: Peer; count: number; rates: number[]; cpuMs: number; done: number };

export const ledger: Measure = {
  name: "ledger",
  runs: 3,
  run: async () => {
    const ground = await openGround();
    try {
      await ground.end(0);
      await drain(ground.accounting, "consumer:on-task");
      await sayTasks(ground, { period: 1, tasks: 1_000, popugs: POPUGS });
      await drain(ground.accounting, "consumer:on-task");
      const other = await pgledger(ground.connection, POPUGS);
      if (other === undefined) console.log("pgledger is left out: PGLEDGER names no checkout of it.");
      const clocked = {
        raw: clock(await rawRows(ground), SLICE),
        alone: clock(await ledgerAlone(ground, ROUNDS * SLICE), SLICE),
        ...(other !== undefined && { batched: clock(other.batched, BATCHED), single: clock(other.single, SINGLES) }),
      };
      for (let round = 0; round < ROUNDS; round++) {
        for (const each of Object.values(clocked)) await take(ground, each);
      }
      const whole = await bookAll(ground);
      const { raw, alone, batched, single } = clocked;
      const figures: Record<string, number> = {
        "the ledger's part, postings per s": median(alone.rates),
        "the ledger's part, CPU ms per 1000": cpu(alone),
        "raw multi-row INSERT, rows per s": median(raw.rates),
        "raw rows, CPU ms per 1000": cpu(raw),
        "the ledger's part ÷ raw rows (goal 0.33)": ratio(alone, raw),
        "… ÷ raw rows, by CPU": cpu(raw) / cpu(alone),
        "task events booked per s": whole.events,
        "all of booking, postings per s": whole.postings,
        "… ÷ raw rows": whole.postings / median(raw.rates),
        "bytes per posting with indexes": whole.bytes,
      };
      if (batched !== undefined && single !== undefined && other !== undefined) {
        Object.assign(figures, {
          "pgledger, batched, transfers per s": median(batched.rates),
          "pgledger, single, 4 clients, transfers per s": median(single.rates),
          "the ledger's part ÷ pgledger batched (goal 10)": ratio(alone, batched),
          "… ÷ pgledger batched, by CPU": cpu(batched) / cpu(alone),
          "the ledger's part ÷ pgledger single (goal 40)": ratio(alone, single),
          "… ÷ pgledger single, by CPU": cpu(single) / cpu(alone),
          "all of booking ÷ pgledger batched": whole.postings / median(batched.rates),
          "all of booking ÷ pgledger single": whole.postings / median(single.rates),
          "bytes ÷ pgledger's per transfer (goal 0.3)": whole.bytes / (await other.bytes()),
        });
        await other.stop();
      }
      const tps = await pgbench(ground.connection);
      return { ...figures, ...(tps !== undefined && { "pgbench TPC-B, 4 clients, tps": tps }) };
    } finally {
      await ground.stop();
    }
  },
};

const clock = (peer: Peer, count: number): Clocked => ({ peer, count, rates: [], cpuMs: 0, done: 0 });

async function take(ground: Ground, clocked: Clocked): Promise<void> {
  const before = await cpuTime(ground);
  const begin = performance.now();
  await clocked.peer(clocked.count);
  clocked.rates.push(clocked.count / ((performance.now() - begin) / 1_000));
  clocked.cpuMs += (await cpuTime(ground)) - before;
  clocked.done += clocked.count;
}

/** Task events of 18 000 tasks through the consumer, at work by itself. */
async function bookAll(ground: Ground): Promise<{ events: number; postings: number; bytes: number }> {
  const counted = async () => {
    const [row] = await ground.owner<{ n: number; bytes: number }>(
      "select count(*) as n, pg_total_relation_size('posting_1') as bytes from posting where period = 1",
    );
    return row as { n: number; bytes: number };
  };
  await ground.owner("vacuum posting_1");
  const before = await counted();
  await sayTasks(ground, { period: 1, tasks: TASKS, popugs: POPUGS });
  const begin = performance.now();
  ground.accounting.start();
  await allBooked(ground.accounting);
  const seconds = (performance.now() - begin) / 1_000;
  const after = await counted();
  if (after.n - before.n !== 2 * TASKS) throw new Error(`${after.n - before.n} postings`);
  return { events: (3 * TASKS) / seconds, postings: (2 * TASKS) / seconds, bytes: after.bytes / after.n };
}

const cpu = ({ cpuMs, done }: Clocked) => (1_000 * cpuMs) / done;
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
/** Of each round, then the median of those. */
const ratio = (a: Clocked, b: Clocked) => median(a.rates.map((rate, round) => rate / (b.rates[round] ?? Number.NaN)));
