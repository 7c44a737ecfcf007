import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { whyUnreadable } from "../../src/platform/schema/compatibility.ts";
import { closed } from "../../src/platform/contract.ts";
import { campaign } from "../kit/random.ts";
import { documentOf, pair, schema } from "./arbitrary-schemas.ts";
import { validator } from "./validator.ts";

// Others with POPUG_SEED, more with POPUG_RUNS.
const { firstSeed: seed, runs: RUNS } = campaign(3_000, 3_000);
const DOCUMENTS = 40;

test(`no document of a writer is refused by a reader it was proved against (seed ${seed}, ${RUNS} pairs)`, (context) => {
  const verdicts = { proved: 0, refused: 0, undecided: 0, documents: 0 };
  fc.assert(
    fc.property(pair, ([writer, reader]) => {
      const sealed = closed(writer) as Record<string, unknown>;
      const [canWrite, canRead] = [validator(sealed), validator(reader)];
      const verdict = whyUnreadable(writer, reader);
      if (verdict === null) {
        verdicts.proved += 1;
        for (const document of fc.sample(documentOf(sealed), { numRuns: DOCUMENTS, seed })) {
          if (!canWrite(document)) continue;
          verdicts.documents += 1;
          assert.ok(canRead(document), `proved, but refused: ${JSON.stringify(document)}`);
        }
      } else if (verdict.rule === "undecided") verdicts.undecided += 1;
      else {
        verdicts.refused += 1;
        assert.ok(canWrite(verdict.example), `the example cannot be written: ${JSON.stringify(verdict)}`);
        assert.ok(!canRead(verdict.example), `the example can be read: ${JSON.stringify(verdict)}`);
      }
    }),
    { numRuns: RUNS, seed },
  );
  context.diagnostic(JSON.stringify({ seed, ...verdicts }));
  assert.ok(verdicts.proved > RUNS / 20 && verdicts.documents > RUNS, "the pairs are worth something");
});

test(`every schema reads what it writes (seed ${seed})`, () => {
  fc.assert(
    fc.property(schema, (one) => assert.equal(whyUnreadable(one, one), null)),
    { numRuns: RUNS, seed },
  );
});
