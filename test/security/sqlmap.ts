/** sqlmap: tries to get SQL of its own into the database through parameters, in the ways that PostgreSQL knows. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { run } from "./tool.ts";

export type Target = {
  /** With a query whose every value is tried. */
  url: string;
  headers?: Record<string, string>;
  /** Makes it a POST; every value of an object and every field of a form is tried as well. */
  body?: Record<string, unknown> | URLSearchParams;
};

/** Through what something could be injected, such as `GET q`; and everything sqlmap has said. */
export async function sqlmap(folder: string, target: Target): Promise<{ holes: string[]; out: string }> {
  const { url, headers = {}, body } = target;
  const targets = join(folder, "targets.txt");
  const results = join(folder, "results.csv");
  // A list of addresses, though it is one: only then are the results written in a form for machines.
  writeFileSync(targets, `${url}\n`);
  rmSync(results, { force: true });
  const type = body instanceof URLSearchParams ? "application/x-www-form-urlencoded" : "application/json";
  const lines = Object.entries({ ...headers, ...(body && { "Content-Type": type }) });
  const { out } = await run(
    "sqlmap",
    [
      ...["-m", targets, "--batch", "--disable-coloring", "--flush-session", "--output-dir", join(folder, "sqlmap")],
      ...["--dbms", "PostgreSQL", "--level", "1", "--risk", "1", "--technique", "BEUS", "--results-file", results],
      // A refused sign-in is an answer like others.
      ...["--ignore-code", "401,429"],
      ...lines.flatMap(([name, value]) => ["-H", `${name}: ${value}`]),
      ...(body ? ["--data", body instanceof URLSearchParams ? body.toString() : JSON.stringify(body)] : []),
    ],
    { withinMs: 240_000, cwd: folder },
  );
  const rows = parse<{ Place: string; Parameter: string }>(readFileSync(results), { columns: true });
  return { holes: rows.map(({ Place, Parameter }) => `${Place} ${Parameter}`), out };
}
