/** ffuf: asks for many addresses at once and says what each answered. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./tool.ts";

export type Found = { path: string; status: number };

/** Asks for each path below `url` as it is written, without a slash before it; returns all answers that are no 404. */
export async function ffuf(folder: string, url: string, paths: readonly string[], header: string): Promise<Found[]> {
  const words = join(folder, "words.txt");
  const file = join(folder, "found.json");
  writeFileSync(words, `${paths.join("\n")}\n`);
  const { code, out } = await run(
    "ffuf",
    [
      "-u",
      `${url}/FUZZ`,
      "-w",
      words,
      "-mc",
      "all",
      "-fc",
      "404",
      "-t",
      "8",
      "-s",
      "-H",
      header,
      "-of",
      "json",
      "-o",
      file,
    ],
    { withinMs: 120_000, cwd: folder },
  );
  if (code !== 0) throw new Error(out);
  type Row = { input: { FUZZ: string }; status: number };
  const { results } = JSON.parse(readFileSync(file, "utf8")) as { results: Row[] };
  return results.map(({ input, status }) => ({ path: `/${input.FUZZ}`, status }));
}
