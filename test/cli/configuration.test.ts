/** The settings and their page say the same. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { readConfig } from "../../src/config.ts";

const root = resolve(import.meta.dirname, "../..");

test("every variable is documented, and every documented variable is read", () => {
  const code = globSync("src/config*.ts", { cwd: root }).map((file) => readFileSync(resolve(root, file), "utf8"));
  const read = new Set(code.join("\n").match(/(?<=")((?:POPUG|KAFKA|OTEL)_[A-Z0-9_]+|DATABASE_URL(?:_FILE)?)(?=")/g));
  const page = readFileSync(resolve(root, "docs/configuration.md"), "utf8");
  const documented = new Set(page.match(/(?<=^\| `)[A-Z0-9_]+(?=`(?: \*)? \|)/gm));
  assert(read.size > 10);
  assert.deepEqual([...documented].sort(), [...read].sort());
});

test("who pays payouts is a name and an account number that can be true, or nobody; a demo has an invented one", () => {
  const payer = (env: Record<string, string>, demo = false) => readConfig({ demo }, env).settings.payer;
  const iban = "DE89 3704 0044 0532 0130 00";
  assert.equal(payer({}), null);
  assert.equal(payer({}, true)?.name, "UberPopug");
  assert.deepEqual(payer({ POPUG_PAYER_NAME: "Us", POPUG_PAYER_IBAN: iban, POPUG_PAYER_BIC: "COBADEFFXXX" }), {
    ...{ name: "Us", iban: "DE89370400440532013000", bic: "COBADEFFXXX" },
  });
  for (const [env, says] of [
    [{ POPUG_PAYER_NAME: "Us" }, /belong together/],
    [{ POPUG_PAYER_IBAN: iban }, /belong together/],
    [{ POPUG_PAYER_NAME: "Us", POPUG_PAYER_IBAN: iban.replace("89", "88") }, /no account number/],
    [{ POPUG_PAYER_NAME: "U".repeat(71), POPUG_PAYER_IBAN: iban }, /70 characters/],
    [{ POPUG_PAYER_NAME: "Us", POPUG_PAYER_IBAN: iban, POPUG_PAYER_BIC: "no" }, /POPUG_PAYER_BIC/],
  ] as const) {
    assert.throws(() => payer(env), says);
  }
});
