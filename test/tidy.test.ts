/** The house keeps itself tidy: what a reviewer would have to remember is looked up here, with a sentence that helps. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { test } from "node:test";
import ts from "typescript";

const root = resolve(import.meta.dirname, "..");
const MAX_LINES = 400;

type File = { path: string; text: string };

async function filesBelow(...folders: string[]): Promise<File[]> {
  const files: File[] = [];
  for (const folder of folders) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      const path = `${folder}/${name.replaceAll("\\", "/")}`;
      if (/\.(ts|mjs|cjs|sql)$/.test(name) && !path.includes("node_modules/")) {
        files.push({ path, text: await readFile(join(root, path), "utf8") });
      }
    }
  }
  return files;
}

const source = await filesBelow("src");
const tests = await filesBelow("test");
const all = [...source, ...tests, ...(await filesBelow("bin"))];

/** Code without comments: a rule is about what runs. */
const code = ({ text }: File) =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, (found) => found.replaceAll(/[^\n]/g, " ")).replaceAll(/(^|\s)\/\/.*$/gm, "");

/** Where a pattern occurs in code: `src/a.ts:12`. */
function places(files: readonly File[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    code(file)
      .split("\n")
      .flatMap((line, at) => (pattern.test(line) ? [`${file.path}:${at + 1}`] : [])),
  );
}

function none(found: readonly string[], advice: string): void {
  assert.deepEqual(found, [], `${advice}\n${found.join("\n")}`);
}

test("a file is named after what is in it", () => {
  const vague = /^(utils?|helpers?|commons?|managers?|misc|shared|index)\b/i;
  none(
    all.filter(({ path }) => vague.test(basename(path))).map(({ path }) => path),
    "Name the file after the thing or the question it answers.",
  );
});

test("a file holds one idea", () => {
  none(
    all.filter(({ text }) => text.split("\n").length > MAX_LINES + 1).map(({ path }) => path),
    `More than ${MAX_LINES} lines are several ideas: split the file by them.`,
  );
});

test("the environment is read in one place", () => {
  const allowed = /^(src\/config\.ts|bin\/|test\/)/;
  none(
    places(
      all.filter(({ path }) => !allowed.test(path)),
      /\bprocess\.env\b/,
    ),
    "Take it from the configuration: src/config.ts reads the environment, names the variable and refuses what cannot work.",
  );
});

test("tests wait for what they wait for, never for time to pass", () => {
  // A fault that is injected after some time (`afterMs`) is no waiting: the time is what is tried.
  const pause =
    /\bset(Timeout|Interval)\(\s*(resolve|done|r\b|\(\) => resolve)|\bawait (sleep|delay|wait|setTimeout)\((?!afterMs)/;
  const looksAgain = (place: string) => {
    const [path, line] = place.split(":") as [string, string];
    const before =
      tests
        .find((file) => file.path === path)
        ?.text.split("\n")
        .slice(Number(line) - 4, Number(line)) ?? [];
    return before.some((text) => /\b(while|for) \(/.test(text));
  };
  none(
    places(tests, pause).filter((place) => !looksAgain(place)),
    "Use app.settle(), or look again in a loop with a deadline: a sleep is too short on one machine, too long on others.",
  );
});

test("business time comes with the transaction", () => {
  // Auth is about the lifetime of sessions, links and tokens, which is real time.
  const services = source.filter(({ path }) => /^src\/services\/(?!auth\/)/.test(path));
  none(
    places(services, /\bDate\.now\(\)|\bnew Date\(\)/),
    "Use ctx.now: the demo's clock and the tests move business time.",
  );
});

test("money, draws and secrets do not rest on Math.random", () => {
  none(
    places(
      source.filter(({ path }) => /^src\/services\/(tasks|accounting|auth)\//.test(path)),
      /\bMath\.random\b/,
    ),
    "Use randomInt of node:crypto.",
  );
});

test("everything exported says what it guarantees", () => {
  none(
    source.filter(({ path }) => path.endsWith(".ts")).flatMap(undocumented),
    "Put a docstring over it: guarantee, shapes, units, errors.",
  );
});

/** Exported functions and classes without a docstring. A file with one export may say it at the top of the file. */
function undocumented({ path, text }: File): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const exported = file.statements.filter(
    (statement) =>
      (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) &&
      statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
  if (exported.length === 1 && /^(#!.*\n)?\/\*\*/.test(text)) return [];
  return exported
    .filter((statement) => ts.getJSDocCommentsAndTags(statement).length === 0)
    .map((statement) => {
      const { line } = file.getLineAndCharacterOfPosition(statement.getStart());
      return `${path}:${line + 1} ${(statement as ts.FunctionDeclaration | ts.ClassDeclaration).name?.text ?? ""}`;
    });
}

test("nothing in the code says that it is not done", () => {
  none(
    places(
      all.filter(({ path }) => path !== "test/tidy.test.ts"),
      /\b(TODO|FIXME|XXX|HACK)\b|\btest\.(only|skip|todo)\(/,
    ),
    "Do it, or write an issue.",
  );
});
