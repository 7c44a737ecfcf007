/** Files of archived periods: the export of the period (`export.ts`), compressed, and known by the hash of its content. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";

export const archiveFileName = (period: number) => `period-${period}.jsonl.gz`;

/** Writes a period's lines so that they are on disk when this resolves; returns the SHA-256 of the content. */
export async function writeArchive(folder: string, name: string, lines: AsyncIterable<string>): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const hash = createHash("sha256");
  const hashed = async function* () {
    for await (const text of lines) {
      hash.update(text);
      yield text;
    }
  };
  try {
    const file = createWriteStream(`${path}.tmp`, { mode: 0o600, flush: true });
    await pipeline(Readable.from(hashed()), createGzip(), file);
    await rename(`${path}.tmp`, path);
  } catch (error) {
    await rm(`${path}.tmp`, { force: true });
    throw error;
  }
  const directory = await open(folder, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return hash.digest("hex");
}

/** A posting as an archive has it. */
export type ArchivedPosting = {
  source: string;
  epoch: number;
  partition: number;
  position: number;
  leg: number;
  type: string;
  amountMinor: number;
  debitAccount: number;
  creditAccount: number;
  userId: string;
  taskId: string | null;
  eventId: string;
  occurredAtMs: number;
  entryId: string;
};

const PAGE = 5_000;

/**
 * The postings of an archive in pages, as they stand in it; returns the SHA-256 of all of its content.
 * @throws Error when the file is not there, cannot be unpacked or holds a line that is no JSON
 */
export async function* readArchive(folder: string, name: string): AsyncGenerator<ArchivedPosting[], string> {
  const hash = createHash("sha256");
  const decoder = new TextDecoder();
  let page: ArchivedPosting[] = [];
  let number = 0;
  let rest = "";
  for await (const chunk of unpacked(join(folder, name))) {
    hash.update(chunk);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      number += 1;
      const row = parse(line, number, name);
      if (row.line === "posting") page.push(row);
    }
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (rest !== "") throw new Error(`the last line of ${name} has no end`);
  if (page.length > 0) yield page;
  return hash.digest("hex");
}

/** The content of a compressed file. An error of either stream is thrown to the reader. */
function unpacked(path: string): AsyncIterable<Buffer> {
  const file = createReadStream(path);
  const gunzip = createGunzip();
  file.on("error", (error) => gunzip.destroy(error));
  return file.pipe(gunzip);
}

function parse(line: string, number: number, name: string): ArchivedPosting & { line: string } {
  try {
    return JSON.parse(line) as ArchivedPosting & { line: string };
  } catch (error) {
    throw new Error(`line ${number} of ${name} is not JSON`, { cause: error });
  }
}
