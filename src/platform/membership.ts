/**
 * Shares the partitions among the copies of a service: each says regularly that it lives, and everybody divides the
 * partitions among those who do, by the same rule. Two copies may disagree for a moment; then both work on a partition and
 * the compare-and-set on the cursor lets one of them through. So this decides who is quick, never what is right.
 */
import { v7 as uuidv7 } from "uuid";
import { allPartitions } from "./event.ts";
import type { Sql } from "./service.ts";

/** How often a copy gives a sign of life … */
export const HEARTBEAT_MS = 1_000;
/** … and after how many seconds without one the others take over. */
const LOST_AFTER_SECONDS = 3;
/** Notifications name the service that a copy has left, so that nobody waits for the next sign of life. */
export const LEFT_CHANNEL = "popug_left";

export type Membership = {
  /** The partitions of this copy, as of its last sign of life; all of them before the first. */
  partitions: () => readonly number[];
  /** Gives a sign of life and looks who else does. Returns whether the partitions of this copy are others now. */
  beat: () => Promise<boolean>;
  /** Leaves and says so; the others take over when they hear it, or at their next look. */
  leave: () => Promise<void>;
};

/** The part of one copy of a service in the sharing; it counts from its first sign of life on. */
export function createMembership(sql: Sql, service: string): Membership {
  const id = uuidv7();
  let mine: readonly number[] = allPartitions;
  let joined = false;

  return {
    partitions: () => mine,
    beat: async () => {
      const members = await sql<{ id: string }>(
        `with here as (
           insert into member (id) values ($1) on conflict (id) do update set seen_at = now() returning id
         ), lost as (
           delete from member where seen_at < now() - make_interval(secs => $2) and id <> $1
         )
         select id from member where seen_at >= now() - make_interval(secs => $2) and id <> $1
         union select id from here order by id`,
        [id, LOST_AFTER_SECONDS],
      );
      joined = true;
      const before = mine;
      mine = shareOf(
        allPartitions,
        members.findIndex((member) => member.id === id),
        members.length,
      );
      return mine.length !== before.length || mine[0] !== before[0];
    },
    leave: async () => {
      if (!joined) return;
      await sql("with gone as (delete from member where id = $1) select pg_notify($2, $3)", [
        id,
        LEFT_CHANNEL,
        service,
      ]);
    },
  };
}

/** Every n-th of the partitions, beginning at the rank. With more shares than partitions, some have none. */
export function shareOf(partitions: readonly number[], rank: number, shares: number): readonly number[] {
  return partitions.filter((_, index) => index % shares === rank);
}
