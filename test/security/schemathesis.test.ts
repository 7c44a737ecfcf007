import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pino } from "pino";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { schemathesis } from "./schemathesis.ts";
import { skipWithout, toolFolder } from "./tool.ts";

const seed = Number(process.env["POPUG_SEED"] ?? Date.now() % 1_000_000);

// Two at a time: the tool uses one core each.
describe("the API against its own document (schemathesis)", {
  skip: skipWithout("schemathesis"),
  concurrency: 2,
}, () => {
  let app: TestApp;
  const faults: string[] = [];
  before(async () => {
    const log = pino({ level: "error" }, { write: (line: string) => faults.push(line) });
    app = await startTestApp({ settings: { demo: false }, log });
    for (const title of ["Fix the perch", "Water the palms", "Sort the feathers"]) {
      await app.as("manager").post("/tasks", { title });
    }
    await app.settle();
  });
  after(() => app?.stop());

  for (const login of ["worker1", "manager", "accountant", "admin"]) {
    const folder = toolFolder();
    test(`whatever ${login} sends is answered as documented, and never with a defect`, async (t) => {
      const report = await schemathesis(folder, app.url, await app.as(login).token(), seed);
      const { operations, test_cases: cases, failures, errors } = report;
      t.diagnostic(`seed ${seed}: ${cases.generated} requests to ${operations.tested} operations`);
      assert.deepEqual([failures, errors], [[], []], `${report.out.slice(-8_000)}\n${faults.slice(-5).join("")}`);
      assert.equal(operations.tested, operations.selected);
      assert.ok(operations.selected >= 80, `${operations.selected} operations`);
    });
  }
});
