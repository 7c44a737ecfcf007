/** Lines that accounting posts because people decided so: what has to stand in the books, each from the row that says who did. */
import { PARTITIONS } from "../../../platform/event.ts";
import type { Sql } from "../../../platform/service.ts";
import { comparePostings, move, type Movements } from "./fold.ts";
import type { Accounts, Shelf } from "./read.ts";

/** One line as it has to be. */
export type OwnLine = {
  partition: number;
  position: number;
  leg?: number;
  kind: string;
  amount: number;
  userId: string;
  taskId?: string | null;
  /** Kind of the house account on its other side. */
  house: string;
  popugIs: "debit" | "credit";
  at: Date;
  eventId: string;
  /** What was wrong with the decision, if anything; of the line's first leg. */
  wrong?: string | undefined;
};

export type OwnGround = { movements: Movements; accounts: Accounts; find: (text: string) => void };
export type OwnBlock = { source: string; partition: number; head: string; lines: number };

/**
 * Holds the postings of one source and period against its lines, which stand in order of their places; returns the blocks, and
 * adds to the movements.
 */
export async function foldOwnLines(
  sql: Sql,
  shelf: Shelf,
  source: string,
  lines: readonly OwnLine[],
  { movements, accounts, find }: OwnGround,
): Promise<OwnBlock[]> {
  const blocks: OwnBlock[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const compare = comparePostings(sql, shelf, source, partition, find);
    for (const line of lines.filter((it) => it.partition === partition)) {
      const { position, leg = 0, kind, amount, userId, taskId = null, eventId } = line;
      if (line.wrong !== undefined) find(`period ${shelf.number}, ${source} ${position}: ${line.wrong}`);
      const popug = accounts.popugs.get(userId)?.id ?? Number.NaN;
      const house = accounts.houses.get(`${line.house}/${partition}`) ?? Number.NaN;
      const posting = {
        ...{ epoch: 0, partition, position, leg, kind, amount, userId, taskId, eventId },
        ...(line.popugIs === "debit" ? { debit: popug, credit: house } : { debit: house, credit: popug }),
        occurredAt: line.at.getTime(),
      };
      await compare.expect(posting);
      move(movements, posting, accounts.owners);
    }
    blocks.push({ source, partition, ...(await compare.finish()) });
  }
  return blocks;
}
