/** Whatever is sent, the answer is a clear sentence with a code, and nothing that was there is lost. */
import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { campaign } from "../kit/random.ts";
import { type BadRequest, type Operation, operationsOf, requestsFor } from "./bad-requests.ts";
import { assertAllClosed, assertClosedIsExact } from "./books-proof.ts";

const { runs: perWrite, firstSeed } = campaign(60, 1_000);
const perRead = Math.ceil(perWrite / 3);

let app: TestApp;
let operations: Operation[];
let known: string[];
before(async () => {
  // Not a demo: a clock that jumped by years would only make the test slow.
  app = await startTestApp({ loops: false, settings: { demo: false } });
  operations = operationsOf((await app.as("admin").get("/openapi.json")).body);
  const task = await app.as("worker1").post("/tasks", { title: "Mend the cage" });
  known = [task.body.id, app.people["worker3"] as string];
  await app.settle();
});
after(() => app?.stop());

/** An answer is either what was asked for, or a problem that tells its code and nothing about our insides. */
async function assertClearAnswer(operation: Operation, request: BadRequest, login: string): Promise<number> {
  const response = await fetch(`${app.url}${request.path}`, {
    method: operation.method,
    headers: { authorization: `Bearer ${await tokenOf(login)}`, ...request.headers },
    ...(request.body !== undefined && { body: request.body }),
  });
  const text = await response.text();
  if (response.status < 400) return response.status;
  const shown = `${operation.operationId}: ${response.status} ${text.slice(0, 500)}`;
  assert(response.status < 500, shown);
  assert.match(response.headers.get("content-type") ?? "", /^application\/problem\+json/, shown);
  const problem = JSON.parse(text);
  assert.match(problem.code, /^[a-z]+(-[a-z]+)*$/, shown);
  assert.equal(problem.status, response.status, shown);
  assert(typeof problem.title === "string" && problem.title.length > 5, shown);
  assert.doesNotMatch(text, /node_modules|\.ts:\d|\bat (async )?\w+ \(|select |insert into/, shown);
  return response.status;
}

const tokens = new Map<string, Promise<string>>();
function tokenOf(login: string): Promise<string> {
  const token = tokens.get(login) ?? app.as(login).token();
  tokens.set(login, token);
  return token;
}

test("every write route answers malformed, oversized and mistyped requests with a problem that has a code", async (t) => {
  const writes = operations.filter(({ method }) => method !== "GET");
  assert(writes.length >= 12, "the description of the API lists the write routes");
  let refused = 0;
  for (const operation of writes) {
    await fc.assert(
      fc.asyncProperty(requestsFor(operation, known), async (request) => {
        if ((await assertClearAnswer(operation, request, "admin")) >= 400) refused++;
      }),
      { numRuns: perWrite, seed: firstSeed, endOnFailure: true },
    );
  }
  assert(refused > perWrite * 3, "most of it is refused");
  t.diagnostic(`${writes.length} routes × ${perWrite} requests, seed ${firstSeed}: ${refused} refused, none failed`);
});

test("every read route answers mistyped parameters and invented cursors with a problem that has a code", async (t) => {
  const reads = operations.filter(({ method, operationId }) => method === "GET" && operationId !== "streamChanges");
  for (const operation of reads) {
    await fc.assert(
      fc.asyncProperty(requestsFor(operation, known), async (request) => {
        await assertClearAnswer(operation, request, "admin");
      }),
      { numRuns: perRead, seed: firstSeed, endOnFailure: true },
    );
  }
  t.diagnostic(`${reads.length} routes × ${perRead} requests, seed ${firstSeed}: none failed`);
});

/** Bytes that are held once all that nobody holds is gone. */
function held(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("nothing of what was refused is kept: the same requests once more need no more memory", async (t) => {
  const writes = operations.filter(({ method }) => method !== "GET");
  const again = Math.ceil(perWrite / 4);
  const round = async () => {
    for (const operation of writes) {
      await fc.assert(
        fc.asyncProperty(requestsFor(operation, known), async (request) => {
          await assertClearAnswer(operation, request, "worker1");
        }),
        { numRuns: again, seed: firstSeed, endOnFailure: true },
      );
    }
  };
  await round();
  const before = held();
  await round();
  const perRequest = (held() - before) / (writes.length * again);
  t.diagnostic(`${writes.length * again} requests: ${perRequest.toFixed(0)} bytes each are still held`);
  // Less than any of them is long, with what a process gathers by itself.
  assert.ok(perRequest < 2_000, `${perRequest} bytes`);
});

test("after all of that the services come to rest, nothing waits in the dead letters, and the books are right", async () => {
  await app.settle();
  await assertAllClosed(app.owner, "after bad input");
  const answer = await app.as("worker1").post("/tasks", { title: "Still here" });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  await app.settle();
  await assertClosedIsExact(app.owner, 1, "after bad input");
});

test("requests without a token, or with a broken one, are refused before anything is read of them", async () => {
  for (const operation of operations.filter(({ operationId }) => operationId !== "streamChanges")) {
    for (const authorization of ["", "Bearer", "Bearer x.y.z", "Basic YTpi", `Bearer ${"a".repeat(5_000)}`]) {
      const response = await fetch(`${app.url}${operation.path.replaceAll(/\{\w+\}/g, known[0] as string)}`, {
        method: operation.method,
        headers: { ...(authorization && { authorization }), "content-type": "application/json" },
        ...(operation.method !== "GET" && { body: "{" }),
      });
      const text = await response.text();
      assert.equal(response.status, 401, `${operation.operationId}: ${text}`);
      assert.match(JSON.parse(text).code, /^(no|bad)-token$/);
    }
  }
});

test("a body larger than its route allows is refused as that, whatever it says of its length", async () => {
  const big = JSON.stringify({ title: "x", description: "y".repeat(200_000) });
  const direct = await app.as("worker1").post("/tasks", JSON.parse(big));
  assert.deepEqual([direct.status, direct.body.code], [413, "body-too-large"]);
  // In chunks, without a length: it is cut off as it comes.
  const chunked = await fetch(`${app.url}/api/tasks`, {
    method: "POST",
    headers: { authorization: `Bearer ${await tokenOf("worker1")}`, "content-type": "application/json" },
    body: new Blob([big]).stream(),
    duplex: "half",
  });
  assert.equal(chunked.status, 413);
  const csv = `title\n${"x".repeat(9 * 1024 * 1024)}`;
  assert.equal((await app.as("worker1").post("/tasks/import", { csv })).status, 413);
});

test("broken lines of a CSV are named; all or nothing, or the good ones, as asked", async () => {
  const csv = ["title,description", "Good one,a", ",no title", '"unclosed, x', "Good two,b"].join("\n");
  const count = async () => (await app.owner<{ n: number }>("select count(*) as n from tasks.task"))[0]?.n ?? 0;
  const before = await count();
  const all = await app.as("manager").post("/tasks/import", { csv });
  assert.deepEqual([all.status, all.body.code], [400, "bad-lines"]);
  assert(
    all.body.errors.some(({ path }: { path: string }) => path === "/line/3"),
    JSON.stringify(all.body),
  );
  assert.equal(await count(), before);
  const good = await app.as("manager").post("/tasks/import", { csv, mode: "good" });
  assert.equal(good.status, 200, JSON.stringify(good.body));
  assert.equal(await count(), before + good.body.created);
  assert(good.body.created >= 1);
  const lines = good.body.rejected.map(({ line }: { line: number }) => line);
  assert(lines.includes(3) && lines.some((line: number) => line > 3), `lines ${lines}`);
});

test("a mailbox folder that cannot be written loses no mail: once it is mended, each goes out once", async () => {
  const box = join(app.dataDir, "mailbox");
  await rm(box, { recursive: true, force: true });
  await writeFile(box, "a file stands here");
  // Whatever was closed above: there is something to mail.
  for (let i = 0; i < 20; i++) await app.as("worker1").post("/tasks", { title: `Fix cage ${i}` });
  await app.settle();
  const periods = (await app.as("accountant").get("/periods")).body.items;
  const number = periods[0].number;
  assert.equal((await app.as("accountant").post(`/periods/${number}/close`)).status, 202);
  await app.settle();
  const mails = async () =>
    (await app.as("admin").get("/mails?limit=100")).body.items.filter(
      (mail: { period: number }) => mail.period === number,
    );
  const waiting = await mails();
  assert(waiting.length > 2, JSON.stringify(waiting));
  for (const mail of waiting) {
    assert.equal(mail.status, "queued", JSON.stringify(mail));
    assert.match(JSON.stringify(mail), /mailbox folder/);
  }
  await rm(box);
  for (const { mailId } of waiting) assert.equal((await app.as("admin").post(`/mails/${mailId}/retry`)).status, 200);
  await app.settle();
  assert((await mails()).every((mail: { status: string }) => mail.status === "sent"));
  const files = await readdir(box);
  assert.equal(files.length, waiting.length);
  assert(
    files.every((file) => file.endsWith(".eml")),
    files.join(", "),
  );
});
