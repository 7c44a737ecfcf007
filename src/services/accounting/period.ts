/** Rules of periods: what they are called, what they are at the moment, and what one that is closing waits for. */
import { Type } from "typebox";
import { OneOf } from "../../platform/contract.ts";

/** `2026-11-22`, or `2026-11-22/2` for the second period of a day. */
export function labelOf(businessDate: string, part: number): string {
  return part === 1 ? businessDate : `${businessDate}/${part}`;
}

export const periodStatuses = ["open", "closing", "closed"] as const;
export type PeriodStatus = (typeof periodStatuses)[number];

/** A period is closing from the first barrier that accounting has met until its books are closed. */
export function statusOf(period: { closedAt: Date | null; barriers: number }): PeriodStatus {
  if (period.closedAt !== null) return "closed";
  return period.barriers > 0 ? "closing" : "open";
}

export const Waiting = Type.Object({
  kind: OneOf(["previous-period", "events", "barrier", "dead-letter", "control-totals"]),
  partition: Type.Optional(Type.Integer()),
  count: Type.Optional(Type.Integer()),
  /** For people: `partition 7: 12 events behind`. */
  text: Type.String(),
});
export type Waiting = {
  kind: "previous-period" | "events" | "barrier" | "dead-letter" | "control-totals";
  partition?: number;
  count?: number;
  text: string;
};

/** What is known about the way of a period to its close. */
export type Progress = {
  number: number;
  /** Null for the first period. */
  previousClosed: boolean | null;
  partitions: {
    partition: number;
    barrierSeen: boolean;
    /** Events of the source's log that accounting has not come to yet. */
    behind: number;
    /** Events of the period that wait in the dead letters. */
    deadLetters: number;
  }[];
  /** Per partition and type: what was booked or discarded, where it differs from the source's own count. */
  mismatches: { partition: number; type: string; booked: number; expected: number }[];
};

/** Everything that keeps a period from being closed; empty when its books may be closed now. */
export function waitingFor(progress: Progress): Waiting[] {
  const waiting: Waiting[] = [];
  if (progress.previousClosed === false) {
    waiting.push({ kind: "previous-period", text: `period ${progress.number - 1} is not closed yet` });
  }
  for (const { partition, barrierSeen, behind, deadLetters } of progress.partitions) {
    if (!barrierSeen && behind > 0) {
      waiting.push({
        kind: "events",
        partition,
        count: behind,
        text: `partition ${partition}: ${counted(behind, "event")} behind`,
      });
    } else if (!barrierSeen) {
      waiting.push({ kind: "barrier", partition, text: `partition ${partition}: its end has not arrived yet` });
    }
    if (deadLetters > 0) {
      const text = `${counted(deadLetters, "dead letter")} in partition ${partition}`;
      waiting.push({ kind: "dead-letter", partition, count: deadLetters, text });
    }
  }
  for (const { partition, type, booked, expected } of progress.mismatches) {
    // With the barrier seen and no dead letter left this is a defect, and it has to stop the close.
    const text = `partition ${partition}: ${booked} of ${expected} ${type} by the control totals`;
    waiting.push({ kind: "control-totals", partition, count: expected - booked, text });
  }
  return waiting;
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
