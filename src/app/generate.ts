/**
 * `npm run generate`: writes what is derived from the code (schemas, AsyncAPI, OpenAPI and the web app's types of it, the
 * event catalogue, the lists of refusals and of policies). With `--check` it writes nothing and fails with the list of files that are stale.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readConfig } from "../config.ts";
import { eventCatalogue } from "./documents/catalogue.ts";
import { catalogueProblems } from "./documents/catalogue-check.ts";
import { cataloguePage } from "./documents/catalogue-page.ts";
import { sourceProblems } from "./documents/catalogue-source.ts";
import { asyncApi } from "./documents/asyncapi.ts";
import { findContracts, nameOf } from "./documents/contracts.ts";
import { envelope } from "./documents/envelope.ts";
import { changeProblems, schemaFile } from "./documents/event-schemas.ts";
import { openApi } from "./documents/openapi.ts";
import { policyPage } from "./documents/policy-page.ts";
import { errorsPage, findRefusals } from "./documents/refusals.ts";
import { webTypes } from "./documents/web-types.ts";
import { allContracts, allServices } from "./services.ts";

const root = resolve(import.meta.dirname, "../..");

/** All generated files by path, or every reason why they cannot be made. */
export async function generated(): Promise<{ files: Map<string, string>; problems: string[] }> {
  // The environment of whoever generates must not show in what is generated.
  const { settings, version } = readConfig({}, {});
  const services = allServices(settings);
  const contracts = await findContracts(join(root, "src/contracts"));
  const problems = [...catalogueProblems(services), ...(await sourceProblems(services, join(root, "src/services")))];
  const files = new Map<string, string>();

  const known = allContracts(services);
  for (const contract of contracts) {
    const path = `schemas/${nameOf(contract)}.json`;
    const published = await readJson(path);
    if (!known.includes(contract)) problems.push(`${nameOf(contract)}: no service publishes this contract`);
    if (published !== undefined) problems.push(...changeProblems(contract, published));
    files.set(path, json(schemaFile(contract, published)));
  }
  for (const path of await publishedSchemas()) {
    if (!files.has(path)) problems.push(`${path}: this version was published; its contract cannot be taken away`);
  }
  files.set(
    "schemas/envelope.json",
    json({ $schema: "https://json-schema.org/draft/2020-12/schema", $id: "urn:popug:envelope", ...envelope }),
  );
  files.set("schemas/asyncapi.json", json(asyncApi(services, version)));
  const { document, routes } = await openApi(services, version);
  files.set("schemas/openapi.json", json(document));
  files.set("web/src/api/schema.gen.ts", await webTypes(document));
  files.set("docs/policy.md", policyPage(routes));
  files.set("docs/events.md", cataloguePage(eventCatalogue(services)));
  files.set("docs/errors.md", errorsPage(await findRefusals(join(root, "src"))));
  return { files, problems };
}

/** The paths among the files whose content on disk is another one. */
export async function staleAmong(files: ReadonlyMap<string, string>): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, content] of files) if ((await readText(path)) !== content) stale.push(path);
  return stale;
}

async function publishedSchemas(): Promise<string[]> {
  const folder = join(root, "schemas");
  await mkdir(folder, { recursive: true });
  const files = await readdir(folder, { recursive: true });
  return files.filter((file) => /[/\\].*\.json$/.test(file)).map((file) => `schemas/${file.replaceAll("\\", "/")}`);
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(join(root, path), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function main(check: boolean): Promise<void> {
  const { files, problems } = await generated();
  for (const problem of problems) console.error(problem);
  const stale = await staleAmong(files);
  if (problems.length > 0) process.exitCode = 1;
  else if (!check) {
    for (const path of stale) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), files.get(path) as string);
      console.log(`wrote ${path}`);
    }
  } else if (stale.length > 0) {
    for (const path of stale) console.error(`stale: ${path}`);
    console.error("Run `npm run generate` and commit what it writes.");
    process.exitCode = 1;
  }
}

// `bin/run.mjs` imports this file, so that `import.meta.main` does not tell.
if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes("--check"));
