/** Folds the events of one partition, one after the other, and holds the stored postings against what must have come of it. */
import { createHash } from "node:crypto";
import type { Sql } from "../../../platform/service.ts";
import {
  type Accounts,
  type Letters,
  type Shelf,
  type StoredPosting,
  storedPostings,
  type TaskLogEvent,
} from "./read.ts";

/** What moved in one period, by popug or house slice (`kind/partition`). */
export type Movements = Map<string, { credits: number; debits: number }>;

/** What comes of a period: its movements, and which entry each return of a fee takes back. */
export type Folded = { movements: Movements; returns: Map<string, string> };

export type Expected = Omit<StoredPosting, "source">;

/** A line that is to be given back. */
export type Fee = { entryId: string; amount: number };

/**
 * What one event must have become; undefined when it is no money. The rules of the founding note, written a second time.
 * @param returned what a cancellation has to give back
 */
export function expectedPosting(
  event: TaskLogEvent,
  data: Record<string, unknown>,
  partition: number,
  price: { fee: number; reward: number } | undefined,
  accounts: Accounts,
  returned: Fee | undefined,
): Expected | string | undefined {
  const userId = String(data["assigneeId"]);
  const change = data["change"];
  if (change === "edited") return undefined;
  if (price === undefined) return `task ${String(data["taskId"])} has no price`;
  const amount = change === "cancelled" ? returned?.amount : change === "assigned" ? price.fee : price.reward;
  if (amount === undefined || amount === 0) return undefined;
  const kinds: Record<string, string> = {
    ...{ assigned: "fee", done: "reward", reopened: "reward-reversal", cancelled: "fee-reversal" },
  };
  const kind = kinds[String(change)] ?? "unknown";
  return {
    ...{ epoch: event.epoch, partition, position: event.position, leg: 0, kind, amount },
    ...{ ...sidesOf(kind, userId, partition, accounts), userId, taskId: String(data["taskId"]) },
    ...{ occurredAt: event.time.getTime(), eventId: event.id },
  };
}

/**
 * What has to stand in the place of a posting whose event is kept no more: what follows from its kind, popug and price.
 * @param returned what a cancellation has to give back
 */
export function expectedAgain(
  posting: StoredPosting,
  price: { fee: number; reward: number } | undefined,
  accounts: Accounts,
  returned: Fee | undefined,
): Expected | string {
  if (price === undefined) return `task ${posting.taskId} has no price`;
  const amounts: Record<string, number | undefined> = {
    ...{ fee: price.fee, reward: price.reward, "reward-reversal": price.reward, "fee-reversal": returned?.amount },
  };
  const amount = amounts[posting.kind];
  if (amount === undefined) return `no ${posting.kind} was to be booked there`;
  return { ...posting, leg: 0, amount, ...sidesOf(posting.kind, posting.userId, posting.partition, accounts) };
}

function sidesOf(kind: string, userId: string, partition: number, accounts: Accounts) {
  const popug = accounts.popugs.get(userId)?.id ?? Number.NaN;
  const slice = kind === "fee" || kind === "fee-reversal" ? "fee-income" : "reward-expense";
  const house = accounts.houses.get(`${slice}/${partition}`) ?? Number.NaN;
  return kind === "reward" || kind === "fee-reversal"
    ? { debit: house, credit: popug }
    : { debit: popug, credit: house };
}

/** Holds the stored postings of one partition and period, in order, against those that are expected one by one. */
export function comparePostings(
  sql: Sql,
  shelf: Shelf,
  source: string,
  partition: number,
  find: (text: string) => void,
) {
  const { number: period } = shelf;
  const stored = storedPostings(sql, shelf, source, partition);
  let current: StoredPosting | undefined;
  let head = "0".repeat(64);
  let lines = 0;

  const advance = async () => {
    current = (await stored.next()).value ?? undefined;
  };
  const additional = (p: StoredPosting) =>
    find(`posting ${nameOf(p, period)} is additional: nothing was to be booked there`);

  const expect = async (wanted: Expected) => {
    if (lines === 0 && current === undefined) await advance();
    while (current !== undefined && isBefore(current, wanted)) {
      additional(current);
      await advance();
    }
    if (current === undefined || isBefore(wanted, current)) {
      find(
        `posting ${nameOf({ ...wanted, source }, period)} is missing (${wanted.kind} of ${wanted.amount} for ${wanted.userId})`,
      );
    } else {
      for (const field of ["kind", "amount", "debit", "credit", "userId", "taskId", "occurredAt", "eventId"] as const) {
        if (current[field] !== wanted[field]) {
          find(`posting ${nameOf(current, period)}: ${field} is ${current[field]}, it should be ${wanted[field]}`);
        }
      }
      await advance();
    }
    lines += 1;
    const line = [
      wanted.position,
      wanted.leg,
      wanted.kind,
      wanted.userId,
      wanted.amount,
      wanted.taskId ?? "",
      wanted.occurredAt,
    ];
    head = createHash("sha256")
      .update(`${head}\n${line.join("|")}`)
      .digest("hex");
  };
  const finish = async () => {
    if (lines === 0) await advance();
    for (; current !== undefined; await advance()) additional(current);
    return { head, lines };
  };
  return { expect, finish };
}

type Keyed = { epoch: number; position: number; leg: number };
const isBefore = (a: Keyed, b: Keyed) =>
  a.epoch !== b.epoch ? a.epoch < b.epoch : a.position !== b.position ? a.position < b.position : a.leg < b.leg;

const nameOf = (p: Keyed & { source: string; partition: number }, period: number) =>
  `${period}-${p.source}-${p.epoch}-${p.partition}-${p.position}-${p.leg}`;

/** Counts events of a period as the sequencer of their source does. */
export function controlTally() {
  const counted = new Map<string, { count: number; checksum: number }>();
  return {
    add: (event: TaskLogEvent) => {
      const sum = counted.get(event.type) ?? { count: 0, checksum: 0 };
      counted.set(event.type, {
        count: sum.count + 1,
        checksum: sum.checksum + Number.parseInt(event.id.slice(-8), 16),
      });
    },
    compare: (control: NonNullable<TaskLogEvent["control"]>, where: string, find: (text: string) => void) => {
      for (const type of new Set([...counted.keys(), ...Object.keys(control)])) {
        const here = counted.get(type) ?? { count: 0, checksum: 0 };
        const told = control[type] ?? { count: 0, checksum: "0" };
        if (here.count !== told.count || String(here.checksum) !== told.checksum) {
          find(
            `${where}: the log holds ${here.count} ${type} (${here.checksum}), its barrier says ${told.count} (${told.checksum})`,
          );
        }
      }
    },
    counted,
  };
}

/** Adds a posting to the movements of both its accounts. */
export function move(movements: Movements, posting: Expected, owners: Accounts["owners"]): void {
  const side = (account: number) => {
    const owner = owners.get(account) ?? `account ${account}`;
    const sum = movements.get(owner) ?? { credits: 0, debits: 0 };
    movements.set(owner, sum);
    return sum;
  };
  side(posting.debit).debits += posting.amount;
  side(posting.credit).credits += posting.amount;
}

/** The edited data of a redriven event, undefined for one that was not booked, its own data else. */
export function bookedData(
  event: TaskLogEvent,
  partition: number,
  letters: Letters,
): Record<string, unknown> | undefined {
  const letter = letters.get(`${partition}/${event.position}`);
  if (letter === undefined) return event.data ?? {};
  return letter.status === "redriven" ? (letter.edited ?? undefined) : undefined;
}
