/**
 * Closing 100 000 accounts after a million postings of the period and after ten million (made by SQL, not by events): the
 * close reads sums that grew with the postings, so their number must not matter. Meanwhile the next period is written to.
 */
import { cpuTime, drain, type Ground, openGround, sayTasks } from "./ledger-ground.ts";
import type { Measure } from "./measure.ts";

const ACCOUNTS = 100_000;
const MILLION = 1_000_000;
/** Tasks of the next period: enough to go on writing for as long as a close takes. */
const WRITTEN = 30_000;
const SIZES = [1, Number(process.env["POPUG_BENCH_MILLIONS"] ?? 10)];

export const ledgerClose: Measure = {
  name: "ledger-close",
  runs: 1,
  run: async () => {
    const figures: Record<string, number> = {};
    for (const millions of SIZES) {
      const ground = await openGround();
      try {
        await ground.end(0);
        await drain(ground.accounting, "consumer:on-task");
        await fill(ground, millions);
        await ground.end(1);
        await drain(ground.accounting, "consumer:on-task");
        await sayTasks(ground, { period: 2, tasks: WRITTEN, popugs: 1_000 });
        const alone = await write(ground, (events) => events < WRITTEN);
        const begin = performance.now();
        let seconds = 0;
        const closing = drain(ground.accounting, "job:close").then(() => {
          seconds = (performance.now() - begin) / 1_000;
        });
        const beside = await write(ground, () => seconds === 0);
        await closing;
        figures[`close after ${millions} M postings, s (goal 5)`] = seconds;
        figures[`writers beside it ÷ alone, ${millions} M (goal 0.7)`] = beside / alone;
        const [closed] = await ground.owner<{ n: number }>("select account_count as n from closing where period = 1");
        if (closed?.n !== ACCOUNTS) throw new Error("the period was not closed");
        Object.assign(figures, await closeNext(ground, millions));
      } finally {
        await ground.stop();
      }
    }
    const [few, many] = Object.entries(figures).flatMap(([name, value]) =>
      name.startsWith("close after") ? [value] : [],
    );
    return { ...figures, "ratio (goal 1.2)": (many ?? 0) / (few ?? 1) };
  },
};

/** The close of the next period, of as many accounts, with nobody beside it: how long it takes, and how much of a processor. */
async function closeNext(ground: Ground, millions: number): Promise<Record<string, number>> {
  await drain(ground.accounting, "consumer:on-task");
  await drain(ground.accounting, "sequencer");
  await ground.end(2);
  await drain(ground.accounting, "consumer:on-task");
  const [begin, used] = [performance.now(), await cpuTime(ground)];
  await drain(ground.accounting, "job:close");
  return {
    [`the next close, alone, ${millions} M behind it, s (goal 5)`]: (performance.now() - begin) / 1_000,
    [`… its processor time, ${millions} M behind it, s`]: ((await cpuTime(ground)) - used) / 1_000,
  };
}

/** Books what stands in the log, batch by batch, while it is wanted and there is some; events per second. */
async function write(ground: Ground, wanted: (events: number) => boolean): Promise<number> {
  const book = ground.accounting.parts.get("consumer:on-task");
  if (book === undefined) throw new Error("no consumer");
  const begin = performance.now();
  let events = 0;
  for (let did = 1; did > 0 && wanted(events); events += did) did = await book();
  return events / ((performance.now() - begin) / 1_000);
}

/** Accounts, postings and what stands beside them, as if booked. Three of four accounts end above zero. */
async function fill({ owner }: Ground, millions: number): Promise<void> {
  await owner(
    `insert into account (kind, user_id, partition) select 'popug', gen_random_uuid(), i % 16 from generate_series(1, $1::int) i`,
    [ACCOUNTS],
  );
  const perAccount = (millions * MILLION) / ACCOUNTS;
  for (let from = 0; from < perAccount; from += 10) {
    await owner(
      `insert into posting (period, source, epoch, partition, position, leg, debit_account, credit_account, amount_minor, kind,
                            user_id, task_id, occurred_at, event_id)
       select 1, 'tasks', 1, partition, n::bigint * 1000000 + id, 0, case when fee then id else 200 + partition end,
              case when fee then 100 + partition else id end, case when fee then 1500 else 1200 + id % 4 * 400 end,
              case when fee then 'fee' else 'reward' end, user_id, gen_random_uuid(), now(), gen_random_uuid()
         from account cross join generate_series($1::int, $2::int) n cross join lateral (select n % 2 = 0 as fee) f
        where kind = 'popug'`,
      [from, from + 9],
    );
  }
  await owner(
    `insert into balance select 1, account, sum(debit), sum(credit)
       from (select debit_account as account, amount_minor as debit, 0 as credit from posting where period = 1
             union all select credit_account, 0, amount_minor from posting where period = 1) side group by account`,
  );
  await owner(
    `insert into block_head select 1, 'tasks', partition, repeat('0', 64), count(*), 1, max(position), false
       from posting where period = 1 group by partition`,
  );
  await owner("analyze");
}
