import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { before, test } from "node:test";
import { Parser } from "@asyncapi/parser";
import Value from "typebox/value";
import { readConfig } from "../../src/config.ts";
import { Catalogue, eventCatalogue } from "../../src/app/documents/catalogue.ts";
import { catalogueProblems } from "../../src/app/documents/catalogue-check.ts";
import { sourceProblems } from "../../src/app/documents/catalogue-source.ts";
import type { Service } from "../../src/platform/service.ts";
import { allServices } from "../../src/app/services.ts";
import { generated, staleAmong } from "../../src/app/generate.ts";
import { findRefusals } from "../../src/app/documents/refusals.ts";

const root = resolve(import.meta.dirname, "../..");
const services = allServices(readConfig({}, {}).settings);
let files: Map<string, string>;
let problems: string[];
before(async () => {
  ({ files, problems } = await generated());
});

const documentAt = (path: string) => JSON.parse(files.get(path) ?? "null") as Record<string, unknown>;

test("the services keep the founding note, and no published version was broken", () => {
  assert.deepEqual(problems, []);
});

test("a row of the note that no code keeps is named", () => {
  const without = (change: (service: Service) => Partial<Service>) =>
    catalogueProblems(services.map((service) => ({ ...service, ...change(service) })));
  assert.deepEqual(
    without(() => ({})),
    [],
  );
  assert.deepEqual(
    without(({ name, routes }) =>
      name === "auth" ? { routes: routes.filter((one) => one.operationId !== "createUser") } : {},
    ),
    ["S1: nobody carries out user.create"],
  );
  assert.deepEqual(
    without(({ publishes }) => ({ publishes: publishes.filter(({ type }) => type !== "task.done") })),
    [
      "S6: who carries out task.update does not publish task.done",
      "S6: id should be carried by task.done/taskId, which does not exist",
      "S6: assignee should be carried by task.done/assigneeId, which does not exist",
    ],
  );
  assert.deepEqual(
    without(({ name, consumers }) =>
      name === "tasks" ? { consumers: consumers.filter((one) => one.source !== "auth") } : {},
    ),
    [
      "S4: no consumer of tasks does task.assign on user.created",
      "S4: no consumer of tasks does task.assign on user.updated",
      "chain: nobody does task.assign on user.created",
      "chain: nobody does task.assign on user.updated",
      "context: tasks does not listen to user.created",
      "context: tasks does not listen to user.updated",
    ],
  );
  assert.deepEqual(
    without(({ name, routes }) =>
      name === "analytics" ? { routes: routes.filter(({ kind }) => kind !== "query") } : {},
    ),
    ['query: getTopTask, which answers "top task (id, title, total)", does not exist'],
  );
});

test("an event that nothing writes is named", async () => {
  const [auth] = services.filter(({ name }) => name === "auth");
  const foreign = services.flatMap(({ publishes }) => publishes).filter(({ type }) => type === "task.done");
  assert.ok(auth);
  assert.deepEqual(
    await sourceProblems([{ ...auth, publishes: [...auth.publishes, ...foreign] }], join(root, "src/services")),
    ["auth publishes tasks/task.done.v1, but nothing in it writes it"],
  );
});

test("the catalogue as data has the shape that the API promises", () => {
  const problems = Value.Errors(Catalogue, eventCatalogue(services));
  assert.deepEqual([...problems], []);
});

test("what is generated is what was committed", async () => {
  assert.deepEqual(await staleAmong(files), [], "run `npm run generate` and commit what it writes");
});

test("generating twice gives the same bytes", async () => {
  assert.deepEqual([...(await generated()).files], [...files]);
});

test("the AsyncAPI document is accepted by its parser without an error", async () => {
  const { document, diagnostics } = await new Parser().parse(files.get("schemas/asyncapi.json") ?? "");
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity <= 1),
    [],
    "errors and warnings",
  );
  assert.equal(document?.version(), "3.0.0");
  assert.deepEqual(
    document
      ?.channels()
      .all()
      .map((channel) => channel.id())
      .toSorted(),
    ["accounting", "auth", "tasks"],
  );
});

test("the catalogue shows every row of the founding note, in its order", () => {
  const rows = (files.get("docs/events.md") ?? "").split("\n").flatMap((line) => /^\| (S\d+) \|/.exec(line)?.[1] ?? []);
  assert.deepEqual(rows, ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11"]);
});

test("the API keeps the operations that scripts rely on, each once", () => {
  const paths = documentAt("schemas/openapi.json")["paths"] as Record<string, Record<string, { operationId?: string }>>;
  const found = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId ?? ""));
  assert.deepEqual(found.toSorted(), [...new Set(found)].toSorted(), "each operationId is unique");
  const promised =
    "createUser updateUser listUsers createTask importTasks updateTask completeTask reopenTask shuffleTasks getShuffle " +
    "listTasks listMyTasks getMyAccount listAccounts getAccount listEntries getTotals listDays listPeriods getPeriod " +
    "closePeriod getTopTask getAnalytics listMails listEvents getEventCatalogue listDeadLetters redriveDeadLetter explainEntry";
  assert.deepEqual(
    promised.split(" ").filter((operationId) => !found.includes(operationId)),
    [],
  );
});

test("the API's description says how each operation refuses, and that each command takes an Idempotency-Key", () => {
  type Operation = {
    operationId: string;
    parameters?: { in: string; name: string }[];
    responses: Record<string, { $ref?: string; content?: object }>;
  };
  const { paths, components } = documentAt("schemas/openapi.json") as {
    paths: Record<string, Record<string, Operation>>;
    components: { responses: Record<string, { content: object }> };
  };
  for (const { content } of Object.values(components.responses)) {
    assert.deepEqual(Object.keys(content), ["application/problem+json"]);
  }
  const operations = new Map(
    Object.values(paths)
      .flatMap((path) => Object.values(path))
      .map((operation) => [operation.operationId, operation]),
  );
  for (const { operationId, responses } of operations.values()) {
    assert.equal(responses["4XX"]?.$ref, "#/components/responses/Refused", operationId);
    assert.equal(responses["5XX"]?.$ref, "#/components/responses/Failed", operationId);
  }
  const commands = Object.values(paths).flatMap((path) => Object.entries(path).filter(([method]) => method !== "get"));
  const reading = (header: string) =>
    [...operations.values()]
      .filter(({ parameters = [] }) => parameters.some((one) => one.in === "header" && one.name === header))
      .map(({ operationId }) => operationId);
  assert.deepEqual(
    reading("idempotency-key").toSorted(),
    commands.map(([, { operationId }]) => operationId).toSorted(),
  );
  assert.deepEqual(reading("last-event-id"), ["streamChanges"]);
  const stream = operations.get("streamChanges")?.responses["200"]?.content ?? {};
  assert.deepEqual(Object.keys(stream), ["text/event-stream"]);
});

test("every refusal is in the list, and the list names no other", async () => {
  const listed = [...(await readFile(join(root, "docs/errors.md"), "utf8")).matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(
    ([, code]) => code,
  );
  const written = new Set((await findRefusals(join(root, "src"))).map(({ code }) => code));
  assert.deepEqual(listed, [...written].toSorted());
});
