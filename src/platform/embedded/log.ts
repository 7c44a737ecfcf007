import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const name = "postgres.log";
const mostBytes = 16 * 1024 * 1024;
const lookEveryMs = 60_000;

export type ServerLog = {
  /** The last lines that were written since the start, for an error message. */
  tail(): string;
  close(): void;
};

/**
 * Keeps the server's log file bounded: looked at now and once a minute, a file above 16 MiB loses its older half.
 * The server appends with O_APPEND, so it goes on at the new end.
 */
export function followLog(dataDir: string): ServerLog {
  trim(dataDir);
  const timer = setInterval(() => trim(dataDir), lookEveryMs).unref();
  const start = withLog(dataDir, constants.O_RDONLY, (file) => fstatSync(file).size) ?? 0;
  return {
    tail: () =>
      withLog(dataDir, constants.O_RDONLY, (file) => {
        const { size } = fstatSync(file);
        return tail(file, size < start ? 4_000 : Math.min(4_000, size - start));
      }) ?? "",
    close: () => clearInterval(timer),
  };
}

function trim(dataDir: string) {
  withLog(dataDir, constants.O_RDWR | constants.O_APPEND, (file) => {
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
  return buffer.subarray(0, read).toString("utf8");
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
