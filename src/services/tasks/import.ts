/** Reads what people import: lines of CSV or bare titles become drafts, or a reason by line why not. Pure. */
import { parse } from "csv-parse/sync";
import { Refusal } from "../../platform/refusal.ts";
import { type Draft, readDraft } from "./task.ts";

export const MAX_IMPORT = 10_000;

/** `line` counts from 1: of the CSV text (the header is line 1), or in the list of titles. */
export type Rejected = { line: number; reason: string };
export type Reading = { drafts: Draft[]; rejected: Rejected[] };

type Line = { line: number; title: string; description: string };

/**
 * CSV as RFC 4180 has it, with a header that names a column `title` and perhaps `description`; other columns are passed over.
 * A record over several lines is named by its first one.
 */
export function readCsv(csv: string): Reading {
  const rejected = new Map<number, string>();
  let header: string[] = [];
  const records = parse(csv, {
    bom: true,
    columns: (names: string[]) => (header = names.map((name) => name.trim().toLowerCase())),
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      const line = Number((error as { lines?: number } | undefined)?.lines ?? 0);
      // One broken record can give more than one error; the first is its cause.
      if (!rejected.has(line)) rejected.set(line, csvProblem(error?.code));
      return undefined;
    },
  }) as unknown as { info: { lines: number }; record: Record<string, string> }[];
  if (!header.includes("title")) {
    throw new Refusal("invalid", "csv-without-title", "The first line of the CSV text has to name a column “title”.");
  }
  const lines = records.map(({ info, record }) => ({
    line: info.lines - Object.values(record).join("").split("\n").length + 1,
    title: record["title"] ?? "",
    description: record["description"] ?? "",
  }));
  const reading = readLines(lines);
  const broken = [...rejected].map(([line, reason]) => ({ line, reason }));
  return bounded({ ...reading, rejected: [...reading.rejected, ...broken].toSorted((a, b) => a.line - b.line) });
}

/** Reads a list of titles; "lines" are counted from 1. What cannot become a task is reported, never dropped. */
export function readTitles(titles: readonly string[]): Reading {
  return bounded(readLines(titles.map((title, i) => ({ line: i + 1, title, description: "" }))));
}

function readLines(lines: readonly Line[]): Reading {
  const reading: Reading = { drafts: [], rejected: [] };
  for (const { line, title, description } of lines) {
    const draft = readDraft(title, description);
    if (!Array.isArray(draft)) reading.drafts.push(draft);
    else reading.rejected.push({ line, reason: draft.map((p) => `${p.path.slice(1)} ${p.message}`).join("; ") });
  }
  return reading;
}

function bounded(reading: Reading): Reading {
  if (reading.drafts.length + reading.rejected.length <= MAX_IMPORT) return reading;
  throw new Refusal("too-large", "import-too-long", `One import takes up to ${MAX_IMPORT} tasks; please split it.`);
}

function csvProblem(code: string | undefined): string {
  if (code === "CSV_QUOTE_NOT_CLOSED") return "a quotation mark is opened and never closed";
  if (code?.includes("QUOTE"))
    return "a quotation mark is out of place: quote the whole field and double the marks inside";
  if (code?.includes("INCONSISTENT")) return "the number of fields is not that of the header";
  return "this line cannot be read as CSV";
}
