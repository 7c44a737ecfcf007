/** Wapiti: follows the pages of a site and tries its attacks on every address and form it finds. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./tool.ts";

/** Without what asks servers of its own on the internet (`ssrf`, `xxe`, `wapp`) or only guesses addresses (ffuf does). */
const MODULES =
  "backup,blindsql,cookieflags,crlf,csp,exec,file,htaccess,http_headers,methods,permanentxss,redirect,shellshock,sql,xss";
/** As its report has it: 0 for information, 1 low, 2 medium, 3 high, 4 critical. */
const MEDIUM = 2;

type Entry = { method: string; path: string; info: string; level: number; parameter: string };
type Report = { vulnerabilities: Record<string, Entry[]>; anomalies: Record<string, Entry[]> };

/** What it has found at medium or above, and faults of the server; and everything it has said. */
export async function wapiti(
  folder: string,
  url: string,
  starts: readonly string[],
  cookies: Readonly<Record<string, string>>,
): Promise<{ found: string[]; asked: string[]; out: string }> {
  const jar = join(folder, "cookies.json");
  const file = join(folder, "wapiti.json");
  mkdirSync(join(folder, "config"), { recursive: true });
  // Without its list of well-known programs it would fetch one from the internet.
  writeFileSync(join(folder, "config/apps.json"), "{}");
  const asWapitiKeepsThem = Object.entries(cookies).map(([name, value]) => [
    name,
    { value, version: 0, expires: null, secure: false, port: null },
  ]);
  writeFileSync(jar, JSON.stringify({ ".localhost": { "/": Object.fromEntries(asWapitiKeepsThem) } }));
  const { code, out } = await run(
    "wapiti",
    [
      ...["-u", `${url}/`, ...starts.flatMap((start) => ["-s", url + start]), "-c", jar, "-m", MODULES],
      ...["--max-scan-time", "60", "--max-attack-time", "20", "-t", "10", "-v", "1"],
      ...["--flush-session", "--store-session", join(folder, "session"), "--store-config", join(folder, "config")],
      ...["--no-bugreport", "-f", "json", "-o", file],
    ],
    { withinMs: 420_000, cwd: folder },
  );
  if (code !== 0) throw new Error(out);
  const { vulnerabilities, anomalies } = JSON.parse(readFileSync(file, "utf8")) as Report;
  const found = Object.entries({ ...vulnerabilities, ...anomalies }).flatMap(([kind, entries]) =>
    entries
      .filter(({ level }) => level >= MEDIUM)
      .map(({ method, path, parameter, info }) => `${kind}: ${method} ${path} ${parameter} ${info}`),
  );
  const asked = [...new Set([...out.matchAll(/^\[\+\] (?:GET|POST) (\S+)/gm)].map(([, address = ""]) => address))];
  return { found, asked, out };
}
