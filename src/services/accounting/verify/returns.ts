/** Payouts and what became of them: every step against the event that told of it, every one that failed against its posting. */
import { PARTITIONS } from "../../../platform/event.ts";
import type { Sql } from "../../../platform/service.ts";
import { foldOwnLines, type OwnBlock, type OwnGround, type OwnLine } from "./own.ts";
import { ownEvents, type Shelf } from "./read.ts";

type Returned = Pick<OwnLine, "partition" | "position" | "userId" | "at"> & {
  amount: number | null;
  eventId: string | null;
  legal: boolean;
};

/** Holds the postings of a period that give payouts back against the steps; returns their blocks, and adds to the movements. */
export async function foldReturns(sql: Sql, shelf: Shelf, ground: OwnGround): Promise<OwnBlock[]> {
  // What a payout was is taken from its statement: its own posting may be archived.
  const rows = await sql<Returned>(
    `select s.user_id as "userId", s.partition, s.position, s.at, p.payout_minor as amount, b.event_id as "eventId",
            s.by <> s.user_id and s.payout_period < s.period and s.partition = a.partition
              and not exists (select from payout_step o where o.payout_period = s.payout_period and o.user_id = s.user_id
                                 and (o.state in ('confirmed', 'failed') and o.was <> s.was)) as legal
       from payout_step s
       left join statement p on p.period = s.payout_period and p.user_id = s.user_id and p.payout_minor > 0
       left join account a on a.user_id = s.user_id
       left join barrier b on b.period = s.payout_period and b.partition = a.partition
      where s.period = $1 and s.state = 'failed' order by s.partition, s.position`,
    [shelf.number],
  );
  const lines = rows.map(
    ({ legal, amount, eventId, ...row }): OwnLine => ({
      ...{ ...row, kind: "payout-return", house: "payout-clearing", popugIs: "credit" },
      ...{ amount: amount ?? Number.NaN, eventId: eventId ?? "" },
      wrong: amount === null ? "there was no such payout" : legal ? undefined : "the payout could not come back",
    }),
  );
  return await foldOwnLines(sql, shelf, "return", lines, ground);
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
