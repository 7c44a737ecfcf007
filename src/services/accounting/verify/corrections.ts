/** What has to stand in the books because of corrections: each as it was agreed on, two postings or one. */
import type { Sql } from "../../../platform/service.ts";
import { comparePostings, type Expected, move, type Movements } from "./fold.ts";
import type { Archives } from "./archived.ts";
import type { Accounts, Shelf } from "./read.ts";

type Agreed = {
  position: number;
  partition: number;
  entry_id: string;
  id: string;
  user_id: string;
  task_id: string | null;
  kind: string;
  was_minor: number;
  becomes_minor: number;
  posted_at: Date;
  agreed: boolean;
  original: number | null;
};

/** Holds the postings of a period's corrections against them; returns their blocks, and adds to the movements. */
export async function foldCorrections(
  sql: Sql,
  shelf: Shelf,
  movements: Movements,
  { accounts, archives, find }: { accounts: Accounts; archives: Archives; find: (text: string) => void },
): Promise<{ source: string; partition: number; head: string; lines: number }[]> {
  const { number: period } = shelf;
  const rows = await sql<Agreed>(
    `select c.position, c.partition, r.id, r.user_id, r.task_id, r.kind, r.was_minor, r.becomes_minor, c.posted_at, c.entry_id,
            c.entry_id = r.entry_id and c.partition = r.partition and r.requested_by <> r.user_id
              and (not r.needs_second or c.approved_by is not null) and c.approved_by is distinct from r.requested_by
              and c.approved_by is distinct from r.user_id as agreed,
            (select p.amount_minor from posting p
              where p.user_id = r.user_id and p.kind = r.kind and p.period <= c.period
                and concat_ws('-', p.period, p.source, p.epoch, p.partition, p.position, p.leg) = r.entry_id) as original
       from correction c join correction_request r on r.id = c.request_id where c.period = $1 order by c.partition, c.position`,
    [period],
  );
  const blocks = [];
  for (let partition = 0; partition < 16; partition++) {
    const compare = comparePostings(sql, shelf, "correction", partition, find);
    for (const row of rows.filter((it) => it.partition === partition)) {
      const where = `period ${period}, correction ${row.position}`;
      if (!row.agreed) find(`${where}: was not agreed on by those who have to`);
      const original = row.original ?? archives.amountOf(row.entry_id);
      if (original !== row.was_minor)
        find(`${where}: the entry that it corrects was ${original}, not ${row.was_minor}`);
      for (const posting of expected(row, accounts)) {
        await compare.expect(posting);
        move(movements, posting, accounts.owners);
      }
    }
    blocks.push({ source: "correction", partition, ...(await compare.finish()) });
  }
  return blocks;
}

function expected(row: Agreed, accounts: Accounts): Expected[] {
  const popug = accounts.popugs.get(row.user_id)?.id ?? Number.NaN;
  const house =
    accounts.houses.get(`${row.kind === "fee" ? "fee-income" : "reward-expense"}/${row.partition}`) ?? Number.NaN;
  const common = {
    ...{ epoch: 0, partition: row.partition, position: row.position, userId: row.user_id, taskId: row.task_id },
    ...{ occurredAt: row.posted_at.getTime(), eventId: row.id },
  };
  // A fee is the popug's debit, a reward their credit; taking it back is the other way round.
  const [back, anew] =
    row.kind === "fee"
      ? [
          [house, popug],
          [popug, house],
        ]
      : [
          [popug, house],
          [house, popug],
        ];
  const leg = (number: number, kind: string, amount: number, sides: number[]): Expected[] =>
    amount === 0
      ? []
      : [{ ...common, leg: number, kind, amount, debit: sides[0] ?? Number.NaN, credit: sides[1] ?? Number.NaN }];
  return [...leg(0, `${row.kind}-reversal`, row.was_minor, back), ...leg(1, row.kind, row.becomes_minor, anew)];
}
