/** Mails to admins about events that could not be applied, in whichever service. */
import type { Ctx, Sql } from "../../platform/service.ts";
import { readers } from "./mail-choice.ts";
import { listActive, queueMails } from "./mail-store.ts";
import type { DeadLettersData } from "./rendering/dead-letters.ts";

/** Events of a type that a consumer of a service could not apply: how many, how many behind them, since when (real time). */
export type WaitingEvents = {
  service: string;
  consumer: string;
  type: string;
  dead: number;
  waiting: number;
  oldest: Date;
};

/** At most one mail an hour: a defect makes many dead letters, and who was told of the first is at it already. */
const PAUSE = "1 hour";
/** How many lines a mail has at most. */
const MAX_LINES = 10;

/**
 * Queues a mail to each admin, unless one went out within the hour. Several who call it at once queue one.
 * @returns false when nothing was queued, and the caller has to come again
 */
export async function queueDeadLetterMails({ sql, now }: Ctx, open: readonly WaitingEvents[]): Promise<boolean> {
  const admins = await listActive(sql, readers["dead-letters"]);
  // A new installation may have dead letters before it has heard of its admins.
  if (admins.length === 0 || !(await takeTurn(sql, now))) return false;
  const lines = open.filter(({ dead }) => dead > 0).toSorted((a, b) => b.dead - a.dead);
  const sum = (of: (events: WaitingEvents) => number) => open.reduce((total, events) => total + of(events), 0);
  const data: DeadLettersData = {
    dead: sum(({ dead }) => dead),
    waiting: sum(({ waiting }) => waiting),
    oldest: new Date(Math.min(...open.map(({ oldest }) => oldest.getTime()))).toISOString(),
    lines: lines.slice(0, MAX_LINES).map(({ service, consumer, type, dead }) => ({ service, consumer, type, dead })),
    more: lines.slice(MAX_LINES).reduce((total, { dead }) => total + dead, 0),
  };
  await queueMails(
    sql,
    admins.map(({ userId }) => ({
      key: `dead-letters:${now.getTime()}:${userId}`,
      kind: "dead-letters",
      userId,
      data,
    })),
    now,
  );
  return true;
}

/** True for one who calls within the hour; the others wait for its transaction, and then for the next hour. */
async function takeTurn(sql: Sql, now: Date): Promise<boolean> {
  const taken = await sql(
    `insert into dead_letter_alert as last (told_at) values ($1)
     on conflict (only_one) do update set told_at = excluded.told_at
      where last.told_at <= excluded.told_at - interval '${PAUSE}'
     returning told_at`,
    [now],
  );
  return taken.length > 0;
}
