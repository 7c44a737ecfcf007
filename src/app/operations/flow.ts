/** The state of the event flow: how fast events come, how far each consumer is behind, what waits in the outboxes. */
import { Type, type Static } from "typebox";
import { Nullable, Timestamp } from "../../platform/contract.ts";
import { assertSourceName } from "../../platform/log.ts";
import type { RunningService } from "../../platform/run-service.ts";
import type { App } from "../start.ts";

/** Rates are means over this time. */
const WINDOW_SECONDS = 60;
/** However many look, the figures are reckoned at most this often. */
const FRESH_MS = 5_000;

const Behind = {
  /** Events between the end of the log and the cursor. */
  behind: Type.Integer(),
  /** How long the oldest of them has waited; 0 when there is none. */
  lagSeconds: Type.Number(),
};

/** What `getFlow` answers. */
export const Flow = Type.Object({
  /** When it was reckoned, in real time. */
  at: Timestamp,
  windowSeconds: Type.Integer(),
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      /** Events that left their transaction and have no position yet. */
      outbox: Type.Integer(),
      outboxSeconds: Type.Number(),
      deadLetters: Type.Integer(),
      ...Behind,
      /** Names of consumers that have stopped. */
      halted: Type.Array(Type.String()),
    }),
  ),
  /** By type of event: per second, over the window. */
  rates: Type.Array(Type.Object({ source: Type.String(), type: Type.String(), perSecond: Type.Number() })),
  consumers: Type.Array(
    Type.Object({
      service: Type.String(),
      consumer: Type.String(),
      source: Type.String(),
      types: Type.Array(Type.String()),
      ...Behind,
      halted: Nullable(Type.String()),
    }),
  ),
});
export type Flow = Static<typeof Flow>;

type Lag = { consumer: string; source: string; behind: number; lagSeconds: number };

/** Answers from one reckoning for all who ask within five seconds. */
export function createFlow(app: App): () => Promise<Flow> {
  let last: { until: number; flow: Promise<Flow> } | undefined;
  return () => {
    const now = performance.now();
    if (last === undefined || last.until <= now) {
      const flow = reckon(app);
      const mine = { until: now + FRESH_MS, flow };
      last = mine;
      flow.catch(() => {
        if (last === mine) last = undefined;
      });
    }
    return last.flow;
  };
}

async function reckon(app: App): Promise<Flow> {
  const all = [...app.services.values()];
  const [found, rates, lags] = await Promise.all([
    Promise.all(all.map((one) => outboxAndLetters(one))),
    ratesOf(app),
    Promise.all(all.map((one) => lagsOf(app, one))),
  ]);
  const consumers = all.flatMap((one, at) => consumersOf(one, lags[at] ?? []));
  const services = all.map(({ service: { name } }, at) => {
    const own = consumers.filter((consumer) => consumer.service === name);
    return {
      name,
      ...(found[at] ?? { outbox: 0, outboxSeconds: 0, deadLetters: 0 }),
      behind: own.reduce((sum, consumer) => sum + consumer.behind, 0),
      lagSeconds: Math.max(0, ...own.map((consumer) => consumer.lagSeconds)),
      halted: own.filter((consumer) => consumer.halted !== null).map(({ consumer }) => consumer),
    };
  });
  const [clock] = await app.readerOf(all[0]?.service.name ?? "")<{ at: Date }>("select clock_timestamp() as at");
  return { at: clock?.at.toISOString() ?? "", windowSeconds: WINDOW_SECONDS, services, rates, consumers };
}

/** A UUIDv7 begins with the ms of its making: real time, where `time` of an event is business time. */
const MADE_AT = `to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)`;

async function outboxAndLetters({ sql }: RunningService) {
  const [row] = await sql<{ outbox: number; outboxSeconds: number; deadLetters: number }>(
    `select (select count(*)::int from outbox) as outbox,
            (select coalesce(greatest(0, extract(epoch from clock_timestamp() - min(${MADE_AT}))), 0)::float8
               from (select id from outbox order by seq limit 1) oldest) as "outboxSeconds",
            (select count(*)::int from dead_letter where status in ('dead', 'deferred', 'parked')) as "deadLetters"`,
  );
  return row ?? { outbox: 0, outboxSeconds: 0, deadLetters: 0 };
}

async function ratesOf(app: App): Promise<Flow["rates"]> {
  const rates = await Promise.all(
    [...app.services.keys()].sort().map((source) => {
      assertSourceName(source);
      return app.readerOf(source)<Flow["rates"][number]>(
        `select '${source}' as source, type, count(*)::float8 / $1::int as "perSecond" from ${source}.published
          where logged_at > clock_timestamp() - make_interval(secs => $1::int) group by type order by type`,
        [WINDOW_SECONDS],
      );
    }),
  );
  return rates.flat();
}

/** The place right behind the cursor holds the event that has waited longest. */
async function lagsOf(app: App, { service, sql }: RunningService): Promise<Lag[]> {
  const sources = [...new Set(service.consumers.map((consumer) => consumer.source))];
  const cursors = await sql<{ consumer: string; source: string; partition: number; position: number }>(
    "select consumer, source, partition, position from cursor",
  );
  const lags = await Promise.all(
    sources.map((source) => {
      assertSourceName(source);
      const own = cursors.filter((cursor) => cursor.source === source);
      return app.readerOf(source)<Lag>(
        `select c.consumer, '${source}' as source, sum(greatest(0, h.position - c.position))::bigint as behind,
                coalesce(greatest(0, extract(epoch from clock_timestamp() - min(next.logged_at))), 0)::float8 as "lagSeconds"
           from unnest($1::text[], $2::smallint[], $3::bigint[]) as c (consumer, partition, position)
           join ${source}.published_head h on h.partition = c.partition
           left join lateral (select p.logged_at from ${source}.published p
                               where p.partition = c.partition and p.position = c.position + 1) next on true
          group by c.consumer`,
        [own.map((c) => c.consumer), own.map((c) => c.partition), own.map((c) => c.position)],
      );
    }),
  );
  return lags.flat();
}

function consumersOf(running: RunningService, lags: readonly Lag[]): Flow["consumers"] {
  const states = running.consumers();
  return running.service.consumers.map(({ name, source, events }) => {
    const lag = lags.find((one) => one.consumer === name && one.source === source);
    return {
      service: running.service.name,
      consumer: name,
      source,
      types: [...new Set(events.map((contract) => contract.type))],
      behind: lag?.behind ?? 0,
      lagSeconds: lag?.lagSeconds ?? 0,
      halted: states.find((one) => one.consumer === name && one.source === source)?.halted ?? null,
    };
  });
}
