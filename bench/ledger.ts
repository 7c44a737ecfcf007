/**
 * The ledger beside its own server and its peers, in turn: task events through accounting's consumer (prices, names,
 * postings, balances, hashes, events out, cursor), raw multi-row INSERT of rows of the same columns and key, pgledger
 * (`PGLEDGER` names a checkout of it, else it is left out) and pgbench.
 */
import { drain, openGround, sayTasks } from "./ledger-ground.ts";
import { pgbench, pgledger, rawRows } from "./ledger-peers.ts";
import type { Measure } from "./run.ts";

const TASKS = 10_000;
const POPUGS = 1_000;

export const ledger: Measure = {
  name: "ledger",
  runs: 3,
  run: async () => {
    const ground = await openGround();
    try {
      await ground.end(0);
      await drain(ground.accounting, "consumer:on-task");
      const raw = [await rawRows(ground, 2 * TASKS)];
      await sayTasks(ground, { period: 1, tasks: TASKS, popugs: POPUGS });
      const begin = performance.now();
      await drain(ground.accounting, "consumer:on-task");
      const seconds = (performance.now() - begin) / 1_000;
      raw.push(await rawRows(ground, 2 * TASKS));
      const peer = await pgledger(ground.connection, POPUGS, TASKS);
      if (peer === undefined) console.log("pgledger is left out: PGLEDGER names no checkout of it.");
      const tps = await pgbench(ground.connection);
      const [row] = await ground.owner<{ postings: number; events: number; bytes: number }>(
        `select (select count(*) from posting) as postings, (select sum(count)::bigint from intake) as events,
                pg_total_relation_size('posting_1') as bytes`,
      );
      if (row?.postings !== 2 * TASKS) throw new Error(`${row?.postings} postings`);
      const rawPerSecond = raw.reduce((a, b) => a + b) / raw.length;
      const postings = row.postings / seconds;
      const bytes = row.bytes / row.postings;
      return {
        "task events booked per s": row.events / seconds,
        "postings per s": postings,
        "raw multi-row INSERT, rows per s": rawPerSecond,
        "postings ÷ raw rows (goal 0.33)": postings / rawPerSecond,
        "bytes per posting with indexes": bytes,
        ...(peer !== undefined && {
          "pgledger, batched, transfers per s": peer.batched,
          "postings ÷ pgledger batched (goal 10)": postings / peer.batched,
          "pgledger, single, 4 clients, transfers per s": peer.single,
          "postings ÷ pgledger single (goal 40)": postings / peer.single,
          "bytes ÷ pgledger's per transfer (goal 0.3)": bytes / peer.bytes,
        }),
        ...(tps !== undefined && { "pgbench TPC-B, 4 clients, tps": tps }),
      };
    } finally {
      await ground.stop();
    }
  },
};
