/** Archived periods: `verify` reads their postings from the files, one period at a time, into a table that only it sees. */
import type { Sql } from "../../../platform/service.ts";
import { passOn } from "../archive.ts";
import { readArchive } from "../archive-file.ts";
import { insertArchived, listArchives } from "../archive-store.ts";

export type Archives = {
  /** Where the postings of a period are to be read from; loads them if they are archived. */
  tableOf: (period: number) => Promise<string>;
  /** What the given entry was, if it was archived and corrected since. */
  amountOf: (entryId: string) => number | undefined;
};

/** @param folder where the archives are */
export async function openArchives(sql: Sql, folder: string, find: (text: string) => void): Promise<Archives> {
  const archives = Map.groupBy(await listArchives(sql), ({ period }) => period);
  const gone = await sql<{ number: number }>(
    "select number from period where to_regclass(format('%I.posting_%s', current_schema(), number)) is null",
  );
  const missing = new Set(gone.map(({ number }) => number));
  if (missing.size > 0) {
    await sql("create temp table archived_posting (like posting) on commit drop");
    await sql("create index on archived_posting (source, partition, epoch, position, leg)");
  }
  const corrected = await sql<{ id: string }>("select entry_id as id from correction_request");
  const amounts = new Map<string, number | undefined>(corrected.map(({ id }) => [id, undefined]));

  const load = async (period: number) => {
    await sql("truncate archived_posting");
    const [newest] = archives.get(period) ?? [];
    if (newest === undefined) return find(`period ${period}: its postings are gone, and were never archived`);
    // What cannot be written down is no reason to end: the verdict on everything else is wanted.
    await sql("savepoint loading");
    try {
      const { sha256 } = await passOn(readArchive(folder, newest.file), async (rows) => {
        for (const { entryId, amountMinor } of rows) if (amounts.has(entryId)) amounts.set(entryId, amountMinor);
        await insertArchived(sql, "archived_posting", period, rows);
      });
      await sql("release savepoint loading");
      if (sha256 !== newest.sha256) find(`period ${period}: its archive ${newest.file} is not what was archived`);
    } catch (error) {
      await sql("rollback to savepoint loading");
      find(`period ${period}: its archive ${newest.file} cannot be read: ${(error as Error).message}`);
    }
  };
  return {
    tableOf: async (period) => {
      if (!missing.has(period)) return "posting";
      await load(period);
      return "archived_posting";
    },
    amountOf: (entryId) => amounts.get(entryId),
  };
}
