/** Payouts and what became of them: every step against the event that told of it, every one that failed against its posting. */
import { PARTITIONS } from "../../../platform/event.ts";
import type { Sql } from "../../../platform/service.ts";
import { comparePostings, type Expected, move, type Movements } from "./fold.ts";
import { type Accounts, ownEvents, type Shelf } from "./read.ts";

type Returned = {
  payout_period: number;
  user_id: string;
  partition: number;
  position: number;
  at: Date;
  amount: number | null;
  event_id: string | null;
  legal: boolean;
};

/** Holds the postings of a period that give payouts back against the steps; returns their blocks, and adds to the movements. */
export async function foldReturns(
  sql: Sql,
  shelf: Shelf,
  movements: Movements,
  accounts: Accounts,
  find: (text: string) => void,
): Promise<{ source: string; partition: number; head: string; lines: number }[]> {
  const { number: period } = shelf;
  // What a payout was is taken from its statement: its own posting may be archived.
  const rows = await sql<Returned>(
    `select s.payout_period, s.user_id, s.partition, s.position, s.at, p.payout_minor as amount, b.event_id,
            s.by <> s.user_id and s.payout_period < s.period and s.partition = a.partition
              and not exists (select from payout_step o where o.payout_period = s.payout_period and o.user_id = s.user_id
                                 and (o.state in ('confirmed', 'failed') and o.was <> s.was)) as legal
       from payout_step s
       left join statement p on p.period = s.payout_period and p.user_id = s.user_id and p.payout_minor > 0
       left join account a on a.user_id = s.user_id
       left join barrier b on b.period = s.payout_period and b.partition = a.partition
      where s.period = $1 and s.state = 'failed' order by s.partition, s.position`,
    [period],
  );
  const blocks = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const compare = comparePostings(sql, shelf, "return", partition, find);
    for (const row of rows.filter((it) => it.partition === partition)) {
      const where = `period ${period}, return ${row.position}`;
      if (row.amount === null) find(`${where}: there was no such payout`);
      else if (!row.legal) find(`${where}: the payout could not come back`);
      const posting = expected(row, accounts);
      await compare.expect(posting);
      move(movements, posting, accounts.owners);
    }
    blocks.push({ source: "return", partition, ...(await compare.finish()) });
  }
  return blocks;
}

function expected(row: Returned, accounts: Accounts): Expected {
  return {
    ...{ epoch: 0, partition: row.partition, position: row.position, leg: 0, kind: "payout-return" },
    ...{ amount: row.amount ?? Number.NaN, userId: row.user_id, taskId: null },
    debit: accounts.houses.get(`payout-clearing/${row.partition}`) ?? Number.NaN,
    credit: accounts.popugs.get(row.user_id)?.id ?? Number.NaN,
    occurredAt: row.at.getTime(),
    eventId: row.event_id ?? "",
  };
}

const STATES = ["sent", "confirmed", "failed"];

/** Steps of payouts that are not told of, or told of and not there; and payouts that were told otherwise than they are. */
export async function verifyPayouts(sql: Sql, find: (text: string) => void): Promise<void> {
  let told = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const types = STATES.map((state) => `payout.${state}`);
    for await (const events of ownEvents(sql, partition, types)) {
      told += events.length;
      const missing = await sql<{ type: string; user_id: string; period: number }>(
        `select t.type, t.user_id, t.period
           from unnest($1::text[], $2::uuid[], $3::int[], $4::bigint[]) as t (type, user_id, period, amount)
          where not exists (
            select from payout_step s
              join statement p on p.period = s.payout_period and p.user_id = s.user_id
             where s.payout_period = t.period and s.user_id = t.user_id and 'payout.' || s.state = t.type
               and p.payout_minor = t.amount)`,
        [
          events.map((event) => event.type),
          events.map(({ data }) => data["userId"]),
          events.map(({ data }) => data["period"]),
          events.map(({ data }) => data["amountMinor"]),
        ],
      );
      for (const { type, user_id: userId, period } of missing)
        find(`period ${period}, payout of ${userId}: ${type} was published, the books say otherwise`);
    }
  }
  // What is not sequenced yet was written in the transaction of its step; what was dropped from the log is only counted.
  const [stored] = await sql<{ count: number }>(
    `select count(*) - (select count(*) from outbox where type in ('payout.sent', 'payout.confirmed', 'payout.failed'))
            - (select coalesce(sum(count), 0)::bigint from log_dropped
                where type in ('payout.sent', 'payout.confirmed', 'payout.failed')) as count
       from payout_step`,
  );
  if (stored?.count !== told) find(`${stored?.count} steps of payouts are stored, ${told} were published`);
}
