import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const name = "postgres.log";
const mostBytes = 16 * 1024 * 1024;
const lookEveryMs = 60_000;

/**
 * Keeps the server's log file bounded: looked at now and once a minute, a file above 16 MiB loses its older half.
 * The server appends with O_APPEND, so it goes on at the new end. Returns a function that stops looking.
 */
export function boundLog(dataDir: string): () => void {
  trim(dataDir);
  const timer = setInterval(() => trim(dataDir), lookEveryMs).unref();
  return () => clearInterval(timer);
}

/** The last lines of the server's log, for an error message. */
export function logTail(dataDir: string): string {
  return withLog(dataDir, constants.O_RDONLY, (file) => tail(file, 4_000)) ?? "";
}

function trim(dataDir: string) {
  withLog(dataDir, constants.O_RDWR, (file) => {
    if (fstatSync(file).size <= mostBytes) return;
    const kept = tail(file, mostBytes / 2);
    ftruncateSync(file);
    writeFileSync(file, kept);
  });
}

function tail(file: number, bytes: number): string {
  const { size } = fstatSync(file);
  const buffer = Buffer.alloc(Math.min(size, bytes));
  const read = readSync(file, buffer, 0, buffer.length, size - buffer.length);
  const text = buffer.subarray(0, read).toString("utf8");
  return size > bytes ? text.slice(text.indexOf("\n") + 1) : text;
}

/** Never through a symbolic link: the folder belongs to the server's user, and we may be root. */
function withLog<T>(dataDir: string, flags: number, use: (file: number) => T): T | undefined {
  let file: number;
  try {
    file = openSync(join(dataDir, name), flags | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}
