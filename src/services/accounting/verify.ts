/**
 * `popug verify`: computes all books a second time, from the logs alone, event by event in one thread, and holds the stored
 * ones against it. It shares no statement and no rule with booking and closing, so that a mistake there shows here; and it
 * finds what somebody with the owner's rights changed by hand. Where the logs were shortened, it goes back to the postings for
 * the periods in front, carries their balances and their seal on, and says so.
 */
import { allPartitions, PARTITIONS } from "../../platform/event.ts";
import type { Sql } from "../../platform/service.ts";
import { type Archives, openArchives } from "./verify/archived.ts";
import { type ClosedPeriod, verifyClose } from "./verify/closed.ts";
import { foldCorrections } from "./verify/corrections.ts";
import { verifyCurrency } from "./verify/currency.ts";
import { changeOf, compareReturns, correctedFee, type PresentFees, presentFees } from "./verify/fees.ts";
import { foldReturns, verifyPayouts } from "./verify/returns.ts";
import { foldOpenings } from "./verify/openings.ts";
import { foldWriteOffs } from "./verify/write-offs.ts";
import {
  bookedData,
  comparePostings,
  controlTally,
  expectedPosting,
  type Folded,
  move,
  type Movements,
} from "./verify/fold.ts";
import { loadPrices, verifyOwnLog } from "./verify/prices.ts";
import {
  type Accounts,
  byAccount,
  type Letters,
  loadAccounts,
  loadBarriers,
  loadLetters,
  logBegins,
  oldestPeriods,
  type Shelf,
  taskEvents,
  type TaskLogEvent,
} from "./verify/read.ts";
import { foldBooked } from "./verify/stored.ts";

/** More of them are counted, not listed. */
const MAX_FINDINGS = 200;
/** Prices are looked up for this many events at once. */
const CHUNK = 1_000;

export type Verdict = {
  ok: boolean;
  /** What does not fit, and where; sentences. */
  findings: string[];
  /** What could not be computed from events, because the logs were shortened; sentences. */
  notRecomputed: string[];
  periods: {
    number: number;
    label: string;
    closed: boolean;
    entries: number;
    seal: string | null;
    ok: boolean;
    /** Computed from the events of tasks; false: from the postings, since not all of its events are kept. */
    fromEvents: boolean;
  }[];
};

type Period = { number: number; label: string; closed_at: Date | null };

/**
 * Verifies all books. `sql` has the owner's rights, names resolving in accounting's schema; while the system runs, give it
 * a snapshot (a REPEATABLE READ transaction), or books that move will look like books that are wrong.
 * @param archiveFolder where the files of archived periods are; they are read into a table of this session
 * @param tasksLog reads the log of tasks where that is in another database, at least as far as accounting had read it
 */
export async function verifyBooks(sql: Sql, archiveFolder = "", tasksLog: Sql = sql): Promise<Verdict> {
  const findings: string[] = [];
  let count = 0;
  const find = (text: string) => {
    count += 1;
    if (findings.length < MAX_FINDINGS) findings.push(text);
  };
  const accounts = await loadAccounts(sql);
  const letters = await loadLetters(sql);
  const archives = await openArchives(sql, archiveFolder, find);
  const { seals, droppedPrices } = await verifyOwnLog(sql, find);
  const oldestSeal = Math.min(...seals.keys());
  await verifyPayouts(sql, find);
  const cursors = await loadCursors(sql);
  const ground = { tasksLog, accounts, letters, archives, positions: new Map(), cursors, fees: presentFees(), find };
  const begins = { tasks: await logBegins(tasksLog, "tasks"), accounting: await logBegins(sql, "accounting") };
  const oldest = await oldestPeriods(tasksLog);

  const verdict: Verdict = { ok: true, findings, notRecomputed: [], periods: [] };
  let closings = new Map<string, number>();
  let seal = "0".repeat(64);
  let allClosed = true;
  await verifyCurrency(sql, find);
  for (const period of await sql<Period>("select number, label, closed_at from period order by number")) {
    const countBefore = count;
    const closed = period.closed_at !== null;
    if (closed && !allClosed) find(`period ${period.number} is closed before the one in front of it`);
    allClosed &&= closed;
    const shelf = { number: period.number, table: await archives.tableOf(period.number) };
    const fromEvents = await isKeptWhole(sql, period.number, begins.tasks, oldest);
    const folded = await foldPeriod(sql, period, shelf, fromEvents, ground);
    await compareBalances(sql, period.number, folded.movements, accounts, find);
    if (closed) {
      const result = await verifyClose(sql, folded, closings, seal, accounts, find);
      ({ closings, seal } = result);
      const isKept = begins.accounting === 0 || period.number >= oldestSeal;
      if (isKept && seals.get(period.number) !== seal)
        find(`period ${period.number}: billing.closed was published with another seal`);
    }
    const entries = folded.heads.reduce((sum, block) => sum + block.lines, 0);
    await compareCount(sql, folded, closed, find);
    const ok = count === countBefore;
    verdict.periods.push({
      ...{ number: period.number, label: period.label, closed, entries, ok, fromEvents },
      seal: closed ? seal : null,
    });
  }
  if (count > findings.length) findings.push(`… and ${count - findings.length} more`);
  verdict.ok = count === 0;
  verdict.notRecomputed = notRecomputed(verdict, begins, droppedPrices, oldestSeal);
  return verdict;
}

function notRecomputed(
  { periods }: Verdict,
  begins: { tasks: number; accounting: number },
  droppedPrices: number,
  oldestSeal: number,
): string[] {
  const booked = periods.filter((period) => !period.fromEvents).map(({ number }) => number);
  const unsaid = periods.filter(({ closed, number }) => closed && number < oldestSeal).map(({ number }) => number);
  const tasks = `the log of tasks begins at position ${begins.tasks}`;
  const own = `the log of accounting begins at position ${begins.accounting}`;
  return [
    ...(booked.length > 0 ? [`${range(booked)} from events, only from postings, prices and barriers: ${tasks}`] : []),
    ...(begins.accounting > 0 && unsaid.length > 0
      ? [`${range(unsaid)} against the seal as it was published, only against the seals behind it: ${own}`]
      : []),
    ...(droppedPrices > 0
      ? [`${droppedPrices} prices one by one, only all together by the checksum that they left: ${own}`]
      : []),
  ];
}

const range = (numbers: readonly number[]) =>
  numbers.length === 1 ? `period ${numbers[0]}` : `periods ${numbers[0]} to ${numbers.at(-1)}`;

/** Whether no event of a period is missing: in each partition, the oldest is of a period before, or the first of this one. */
async function isKeptWhole(
  sql: Sql,
  period: number,
  begins: number,
  oldest: ReadonlyMap<number, number>,
): Promise<boolean> {
  if (begins === 0) return true;
  const ends = await loadBarriers(sql, period - 1);
  return allPartitions.every((partition) => {
    const first = oldest.get(partition) ?? Number.POSITIVE_INFINITY;
    return first < period || (first === period && (ends.get(partition)?.position ?? 0) >= begins - 1);
  });
}

/** Up to where accounting has booked. */
async function loadCursors(sql: Sql): Promise<Map<number, number>> {
  const rows = await sql<{ partition: number; position: number }>(
    "select partition, position from cursor where consumer = 'on-task'",
  );
  return new Map(rows.map((row) => [row.partition, row.position]));
}

type Ground = {
  tasksLog: Sql;
  accounts: Accounts;
  letters: Letters;
  archives: Archives;
  /** Where the fold stands in each partition. */
  positions: Map<number, number>;
  cursors: ReadonlyMap<number, number>;
  /** The fees of the assignments that stand. */
  fees: PresentFees;
  find: (text: string) => void;
};

async function foldPeriod(
  sql: Sql,
  period: Period,
  shelf: Shelf,
  fromEvents: boolean,
  ground: Ground,
): Promise<ClosedPeriod> {
  const movements: Movements = new Map();
  const returns = new Map<string, string>();
  const { heads, ends, discarded } = fromEvents
    ? await foldEvents(sql, period, shelf, { movements, returns }, ground)
    : await foldBooked(sql, shelf, { movements, returns }, ground);
  for (const partition of allPartitions) {
    if (period.closed_at !== null && !ends.has(partition))
      ground.find(`period ${period.number} is closed, but partition ${partition} never ended it`);
  }
  ground.fees.endPeriod();
  await compareReturns(sql, period.number, returns, ground.find);
  const own = { ...ground, movements };
  heads.push(...(await foldReturns(sql, shelf, own)));
  heads.push(...(await foldOpenings(sql, shelf, own)));
  heads.push(...(await foldWriteOffs(sql, shelf, own)));
  heads.push(...(await foldCorrections(sql, shelf, own)));
  await compareHeads(sql, period, heads, ground.find);
  return { ...shelf, label: period.label, ends, heads, movements, discarded };
}

async function foldEvents(sql: Sql, period: Period, shelf: Shelf, folded: Folded, ground: Ground) {
  // The first one begins behind the barriers of the period before, each other one where the one before ended.
  if (ground.positions.size === 0) {
    for (const { partition, position } of (await loadBarriers(sql, period.number - 1)).values())
      ground.positions.set(partition, position);
  }
  const heads: ClosedPeriod["heads"][number][] = [];
  const ends = new Map<number, { eventId: string; endedAt: number }>();
  const barriers = await loadBarriers(sql, period.number);
  let discarded = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const fold = await foldPartition(sql, period, shelf, partition, folded, ground);
    heads.push({ source: "tasks", partition, ...fold.block });
    if (fold.end !== undefined) ends.set(partition, fold.end);
    const [stands, noted] = [fold.end && ground.positions.get(partition), barriers.get(partition)?.position];
    // While a barrier is put aside it stands in the log, and is noted nowhere; its period waits for it.
    if (stands !== noted && (noted !== undefined || period.closed_at !== null))
      ground.find(
        `period ${period.number}, partition ${partition}: its barrier is noted at ${noted}, it stands at ${stands}`,
      );
    discarded += fold.discarded;
  }
  return { heads, ends, discarded };
}

async function foldPartition(
  sql: Sql,
  period: Period,
  shelf: Shelf,
  partition: number,
  { movements, returns }: Folded,
  ground: Ground,
) {
  const { tasksLog, accounts, letters, positions, cursors, fees, find } = ground;
  const where = `period ${period.number}, partition ${partition}`;
  const compare = comparePostings(sql, shelf, "tasks", partition, find);
  const tally = controlTally();
  let discarded = 0;
  let end: { eventId: string; endedAt: number } | undefined;
  let chunk: { event: TaskLogEvent; data: Record<string, unknown> | undefined }[] = [];
  const flush = async () => {
    const priced = chunk.flatMap(({ data }) => (data === undefined ? [] : [String(data["taskId"])]));
    const prices = await loadPrices(sql, [...new Set(priced)]);
    for (const { event, data } of chunk) {
      const change = changeOf(data ?? event.data ?? {}, event.time, period.number);
      if (data === undefined) {
        fees.booked(change, undefined);
        continue;
      }
      const returned = await returnedFee(sql, fees, change, data);
      const posting = expectedPosting(event, data, partition, prices.get(change.taskId), accounts, returned);
      if (typeof posting === "string") {
        find(`${where}, position ${event.position}: ${posting}`);
        continue;
      }
      const entryId = [period.number, "tasks", event.epoch, partition, event.position, 0].join("-");
      if (posting !== undefined) {
        await compare.expect(posting);
        move(movements, posting, accounts.owners);
        if (returned !== undefined) returns.set(entryId, returned.entryId);
      }
      fees.booked(change, posting && { entryId, amount: posting.amount });
    }
    chunk = [];
  };
  const booked = cursors.get(partition) ?? 0;
  let position = positions.get(partition);
  if (position !== undefined) {
    for await (const event of taskEvents(tasksLog, partition, position)) {
      if (event.position > booked) break;
      if (event.position !== position + 1) find(`${where}: the log has a hole in front of position ${event.position}`);
      position = event.position;
      if (event.type === "task.registration-ended") {
        if (Number(event.data?.["period"]) !== period.number) find(`${where}: ended by another period's barrier`);
        tally.compare(event.control ?? {}, where, find);
        await comparePeriod(sql, event.data?.["next"], find);
        end = { eventId: event.id, endedAt: Date.parse(String(event.data?.["endedAt"])) };
        break;
      }
      if (event.period === null) continue;
      if (event.period !== period.number) find(`${where}: position ${event.position} carries period ${event.period}`);
      tally.add(event);
      if (letters.get(`${partition}/${event.position}`)?.status === "discarded") discarded += 1;
      if (event.type === "task.updated") chunk.push({ event, data: bookedData(event, partition, letters) });
      if (chunk.length >= CHUNK) await flush();
    }
    positions.set(partition, position);
  }
  await flush();
  return { block: await compare.finish(), end, discarded };
}

/** Holds a period against what the end of the one before says of it. */
async function comparePeriod(sql: Sql, next: unknown, find: (text: string) => void): Promise<void> {
  const { period, settings = null, ...told } = next as Record<string, unknown>;
  const fits = await sql(
    `select from period where number = $1 and business_date = $2 and part = $3 and began_at = $4 and ends_at = $5
        and settings is not distinct from $6::jsonb`,
    [
      period,
      told["businessDate"],
      told["part"],
      told["beginsAt"],
      told["endsAt"],
      settings && JSON.stringify(settings),
    ],
  );
  if (fits.length === 0) find(`period ${String(period)} is not what the end of the one before says`);
}

/** What a cancellation gives back; undefined for every other change, and when the books never held that fee. */
async function returnedFee(
  sql: Sql,
  fees: PresentFees,
  { change, taskId, userId }: ReturnType<typeof changeOf>,
  data: Record<string, unknown>,
) {
  if (change !== "cancelled") return undefined;
  const { assigned } = data["cancellation"] as { assigned: { period: number; at: string } | null };
  if (assigned === null) return undefined;
  const fee = fees.of(taskId, userId, { period: assigned.period, at: Date.parse(assigned.at) });
  return fee && (await correctedFee(sql, fee));
}

async function compareHeads(
  sql: Sql,
  { number: period, closed_at: closedAt }: Period,
  heads: ClosedPeriod["heads"],
  find: (text: string) => void,
): Promise<void> {
  const rows = await sql<{ source: string; partition: number; head: string; lines: number; dirty: boolean }>(
    "select source, partition, head, lines, dirty from block_head where period = $1",
    [period],
  );
  const stored = new Map(rows.map((row) => [`${row.source}/${row.partition}`, row]));
  for (const { source, partition, head, lines } of heads) {
    // Those of accounting's own are made at the close.
    if (source !== "tasks" && closedAt === null) continue;
    const row = stored.get(`${source}/${partition}`);
    if ((row?.lines ?? 0) !== lines)
      find(`period ${period}, partition ${partition}: ${row?.lines ?? 0} lines are hashed, not ${lines}`);
    // A head that waits for its re-computation says nothing yet.
    else if (row !== undefined && !row.dirty && row.head !== head)
      find(`period ${period}, partition ${partition}: another block head`);
  }
}

async function compareBalances(
  sql: Sql,
  period: number,
  movements: Movements,
  accounts: Accounts,
  find: (text: string) => void,
) {
  const missing = new Map(movements);
  type Balance = { account_id: number; debits_minor: number; credits_minor: number };
  for await (const row of byAccount<Balance>(sql, "balance", period)) {
    const owner = accounts.owners.get(row.account_id) ?? `account ${row.account_id}`;
    const wanted = movements.get(owner) ?? { credits: 0, debits: 0 };
    if (row.debits_minor !== wanted.debits || row.credits_minor !== wanted.credits) {
      const stored = `${row.debits_minor} debited and ${row.credits_minor} credited`;
      find(`period ${period}, balance of ${owner}: ${stored}, it should be ${wanted.debits} and ${wanted.credits}`);
    }
    missing.delete(owner);
  }
  for (const owner of missing.keys()) find(`period ${period}: the balance of ${owner} is missing`);
}

/** Postings that stand where no event could put them (another source, another partition, payouts before the close) show in the number. */
async function compareCount(
  sql: Sql,
  period: ClosedPeriod,
  closed: boolean,
  find: (text: string) => void,
): Promise<void> {
  const [row] = await sql<{ count: number }>(
    `select count(*) as count from ${period.table}
      where period = $1 and (source not in ('tasks', 'accounting', 'return', 'opening', 'debt', 'correction') or partition not between 0 and 15 or (source = 'accounting' and not $2))`,
    [period.number, closed],
  );
  if (row?.count !== 0) find(`period ${period.number}: ${row?.count} postings belong to nothing`);
}
