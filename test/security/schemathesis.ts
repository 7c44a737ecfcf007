/** Schemathesis: thousands of requests made from our OpenAPI document, good and bad, each answer held against it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./tool.ts";

/** What we read of its report (`--report json`). */
export type Report = {
  operations: { selected: number; tested: number };
  test_cases: { generated: number };
  failures: { title: string; operations: string[] }[];
  errors: unknown[];
  /** What it said, with the requests to repeat. */
  out: string;
};

/** Some four and a half thousand requests with this token, to every operation of the document. */
export async function schemathesis(folder: string, url: string, token: string, seed: number): Promise<Report> {
  const file = join(folder, "report.json");
  await writeSettings(folder, url);
  const options = {
    "--phases": "examples,coverage,fuzzing",
    "--exclude-checks": "positive_data_acceptance",
    // A stream: it ends when its client does, and has tests of its own.
    "--exclude-path": "/api/changes",
    // A number and no time, with which it would go on until it is over: so a seed says it all, on whatever machine.
    "--max-examples": "4",
    "--seed": String(seed),
    // Texts with NUL are refused everywhere, which the document says in words.
    "--generation-allow-x00": "false",
    "--request-timeout": "30",
    "--report": "json",
    "--report-json-path": file,
    "--generation-database": "none",
  };
  const { out } = await run(
    "schemathesis",
    [
      "--config-file",
      join(folder, "schemathesis.toml"),
      "run",
      `${url}/api/openapi.json`,
      ...["--header", `Authorization: Bearer ${token}`, "--continue-on-failure", "--no-color", "--warnings", "off"],
      ...Object.entries(options).flat(),
    ],
    { withinMs: 900_000, cwd: folder },
  );
  return { ...(JSON.parse(readFileSync(file, "utf8")) as Omit<Report, "out">), out };
}

/** A body that is too large is refused for that, whatever else is wrong with it. */
const TOO_LARGE = `[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "5xx"]
`;

/** With our own checks, and without what cannot be asked of `/api/tasks/counts`: that is also the task named "counts". */
async function writeSettings(folder: string, url: string): Promise<void> {
  const document = (await (await fetch(`${url}/api/openapi.json`)).json()) as { paths: Record<string, object> };
  const paths = Object.keys(document.paths);
  const covers = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
  const ambiguous = paths.filter((path) => paths.some((other) => other !== path && covers(other).test(path)));
  const without = ambiguous.map(
    (path) => `[[operations]]
include-path = "${path}"
checks.unsupported_method.enabled = false
checks.allow_header_conformance.enabled = false
`,
  );
  const checks = JSON.stringify(join(import.meta.dirname, "schemathesis_checks.py"));
  writeFileSync(join(folder, "schemathesis.toml"), `hooks = ${checks}\n${TOO_LARGE}${without.join("")}`);
}
