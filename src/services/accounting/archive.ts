/**
 * Archiving: the postings of an old period go into a file and out of the database; statements, balances, sums and seals
 * stay, so balances and reports of those days are as they were. Restoring brings them back, byte for byte, or not at all.
 */
import type { Sql } from "../../platform/service.ts";
import { type ArchivedPosting, archiveFileName, readArchive, writeArchive } from "./archive-file.ts";
import {
  type ArchiveRow,
  attach,
  countPostings,
  dropArchived,
  findArchived,
  insertArchived,
  makeRoom,
} from "./archive-store.ts";
import { checkBooks } from "./check.ts";
import { exportPeriod } from "./export.ts";

/** So many days stay, whatever is asked for: pages compare today with them. */
export const KEPT_DAYS = 35;

/**
 * Puts the postings of a closed period into a file and drops them. Call it in a transaction of its own, with the owner's
 * rights: before the commit the file is on disk and was read back; a crash leaves a file that the next call writes again.
 * @throws Error when the books of the period do not fit: those are not put away
 */
export async function archivePeriod(sql: Sql, period: number, folder: string, now: Date): Promise<ArchiveRow> {
  const [wrong] = await checkBooks(sql, period);
  if (wrong !== undefined) throw new Error(`period ${period} is not archived: ${wrong}`);
  const lines = await exportPeriod(sql, period);
  if (lines === undefined) throw new Error(`period ${period} is not closed`);
  const file = archiveFileName(period);
  const sha256 = await writeArchive(folder, file, lines);
  const postings = await countPostings(sql, period);
  const read = await passOn(readArchive(folder, file), async () => {});
  if (read.sha256 !== sha256 || read.postings !== postings) throw new Error(`${file} is not what was written`);
  const row = { period, sha256, file, postings, archivedAt: now };
  await dropArchived(sql, row);
  return row;
}

/**
 * Brings the postings of an archived period back from its file. In a transaction of its own, with the owner's rights.
 * @throws Error when the period is not archived, or the file is not the one that was written
 */
export async function restorePeriod(sql: Sql, period: number, folder: string): Promise<ArchiveRow> {
  const archived = await findArchived(sql, period);
  if (archived === undefined) throw new Error(`period ${period} is not archived`);
  const table = await makeRoom(sql, period);
  const { sha256 } = await passOn(readArchive(folder, archived.file), (rows) =>
    insertArchived(sql, table, period, rows),
  );
  if (sha256 !== archived.sha256)
    throw new Error(`${archived.file} is not what was archived: its SHA-256 is ${sha256}`);
  await attach(sql, period);
  const [wrong] = await checkBooks(sql, period);
  if (wrong !== undefined) throw new Error(`period ${period} is not restored: ${wrong}`);
  return archived;
}

/** Hands on the pages of an archive; how many postings there were, and the hash of all of it. */
export async function passOn(
  pages: AsyncGenerator<ArchivedPosting[], string>,
  take: (rows: ArchivedPosting[]) => Promise<void>,
): Promise<{ postings: number; sha256: string }> {
  let postings = 0;
  for (;;) {
    const { done, value } = await pages.next();
    if (done === true) return { postings, sha256: value };
    postings += value.length;
    await take(value);
  }
}
