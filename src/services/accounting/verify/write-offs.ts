/** Debts that were given up: each as two people agreed on it, one posting. */
import { PARTITIONS } from "../../../platform/event.ts";
import type { Sql } from "../../../platform/service.ts";
import { comparePostings, move, type Movements } from "./fold.ts";
import type { Accounts, Shelf } from "./read.ts";

type GivenUp = {
  id: string;
  user_id: string;
  amount: number;
  partition: number;
  position: number;
  posted_at: Date;
  agreed: boolean;
};

/** Holds the postings of a period's write-offs against them; returns their blocks, and adds to the movements. */
export async function foldWriteOffs(
  sql: Sql,
  shelf: Shelf,
  movements: Movements,
  accounts: Accounts,
  find: (text: string) => void,
): Promise<{ source: string; partition: number; head: string; lines: number }[]> {
  const { number: period } = shelf;
  const rows = await sql<GivenUp>(
    `select r.id, r.user_id, r.amount_minor as amount, w.partition, w.position, w.posted_at,
            r.requested_by <> r.user_id and w.approved_by <> r.requested_by and w.approved_by <> r.user_id as agreed
       from write_off w join write_off_request r on r.id = w.request_id where w.period = $1 order by w.partition, w.position`,
    [period],
  );
  const blocks = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const compare = comparePostings(sql, shelf, "debt", partition, find);
    for (const row of rows.filter((it) => it.partition === partition)) {
      if (!row.agreed) find(`period ${period}, write-off ${row.position}: was not agreed on by two others`);
      const posting = {
        ...{ epoch: 0, partition, position: row.position, leg: 0, kind: "write-off", amount: row.amount },
        debit: accounts.houses.get(`write-off/${partition}`) ?? Number.NaN,
        credit: accounts.popugs.get(row.user_id)?.id ?? Number.NaN,
        ...{ userId: row.user_id, taskId: null, occurredAt: row.posted_at.getTime(), eventId: row.id },
      };
      await compare.expect(posting);
      move(movements, posting, accounts.owners);
    }
    blocks.push({ source: "debt", partition, ...(await compare.finish()) });
  }
  return blocks;
}
