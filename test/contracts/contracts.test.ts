import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { castData, closed } from "../../src/platform/contract.ts";
import { fromCloudEvent, type LogRow, toCloudEvent } from "../../src/platform/event.ts";
import { envelope } from "../../src/app/documents/envelope.ts";
import { findContracts, nameOf } from "../../src/app/documents/contracts.ts";
import { changeProblems, schemaFile } from "../../src/app/documents/event-schemas.ts";
import { documentOf } from "./arbitrary-schemas.ts";
import { validator } from "./validator.ts";

const contracts = await findContracts(join(resolve(import.meta.dirname, "../.."), "src/contracts"));
const seed = Date.now() % 2 ** 31;
const DOCUMENTS = 200;

for (const contract of contracts) {
  const schema = JSON.parse(JSON.stringify(contract.schema)) as Record<string, unknown>;
  const documents = () => fc.sample(documentOf(schema), { numRuns: DOCUMENTS, seed });

  test(`${nameOf(contract)}: our validators agree with another one, writer closed and reader open (seed ${seed})`, () => {
    const [canWrite, canRead] = [validator(closed(schema)), validator(schema)];
    for (const document of documents()) {
      for (const data of [document, { ...(document as object), unforeseen: 1 }]) {
        assert.equal(contract.writeProblem(data) === null, canWrite(data), JSON.stringify(data));
        assert.equal(contract.readProblem(data) === null, canRead(data), JSON.stringify(data));
      }
    }
  });

  const { previous } = contract;
  if (previous === undefined) continue;
  test(`${nameOf(contract)}: what was written in either version can be read in the other (seed ${seed})`, () => {
    const older = JSON.parse(JSON.stringify(previous.contract.schema)) as Record<string, unknown>;
    for (const [from, to, node] of [
      [previous.contract, contract, older],
      [contract, previous.contract, schema],
    ] as const) {
      for (const data of fc.sample(documentOf(node), { numRuns: DOCUMENTS * 5, seed })) {
        if (from.writeProblem(data) !== null) continue;
        assert.equal(to.writeProblem(castData(from, to, data)), null, `${nameOf(from)}: ${JSON.stringify(data)}`);
      }
    }
  });
}

test("an event in public is a CloudEvent; its schema accepts it and names all of it, and it is read back as it was", () => {
  const row: LogRow = {
    ...{ id: "01890a5d-ac96-774b-bcce-b302099a8057", source: "tasks", type: "task.registration-ended", version: 1 },
    ...{ key: "7", partition: 7, position: 42, epoch: 1, time: new Date(0), period: 3, correlationId: "c" },
    ...{ causationId: "01890a5d-ac96-774b-bcce-b302099a8058", cause: "accounting/0/1", actor: "system:schedule" },
    ...{ command: "task.end-registration", traceparent: "00-1-2-00", data: {} },
    control: { "task.updated": { count: 2, checksum: "17" } },
  };
  // What the specification asks of every attribute (CloudEvents 1.0, "Naming Conventions", "Type System", "dataschema").
  for (const [name, value] of Object.entries(toCloudEvent(row)).filter(([attribute]) => attribute !== "data")) {
    assert.match(name, /^[a-z0-9]{1,20}$/);
    const isInteger = Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31;
    assert(isInteger || typeof value === "boolean" || (typeof value === "string" && value.length > 0), name);
  }
  assert(URL.canParse(String(toCloudEvent(row)["dataschema"])));
  assert.deepEqual(fromCloudEvent(toCloudEvent(row)), row);
  const bare = { ...row, period: null, causationId: null, cause: null, traceparent: null, control: null };
  const validate = validator({ ...envelope, additionalProperties: false });
  assert.ok(validate(toCloudEvent(row)));
  assert.ok(validate(toCloudEvent(bare)));
});

test("a version may gain an optional field, and its former form is remembered; it may not break", () => {
  const [contract] = contracts.filter((one) => nameOf(one) === "tasks/task.done.v1");
  assert.ok(contract);
  const { assigneeId: _left, ...properties } = contract.schema.properties;
  const narrower = { type: "object", required: ["taskId"], properties };
  const published = { ...schemaFile(contract, undefined), ...JSON.parse(JSON.stringify(narrower)) } as Record<
    string,
    unknown
  >;
  const [problem] = changeProblems(contract, published);
  assert.match(
    problem ?? "",
    /^tasks\/task\.done\.v1: today's readers refuse what the published form wrote \(required at \/required; for example \{/,
  );

  const widened = { ...contract, schema: { ...contract.schema, required: ["taskId"] } };
  assert.deepEqual(changeProblems(widened as never, published), []);
  assert.deepEqual(schemaFile(widened as never, published)["x-earlier"], [JSON.parse(JSON.stringify(narrower))]);
  assert.equal(
    schemaFile(contract, schemaFile(contract, undefined))["x-earlier"],
    undefined,
    "the same form is no change",
  );
});
