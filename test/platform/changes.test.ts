import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startTestApp } from "../kit/app.ts";
import { seededRandom } from "../kit/random.ts";

const app = await startTestApp();
let stopped = false;
after(() => (stopped ? undefined : app.stop()));

type Frame = { id: string; event: string; changes: Record<string, unknown>[] };
type Stream = { status: number; frames: AsyncGenerator<Frame>; close: () => void };

/** Opens the stream; only whole frames are handed out, as a browser does it. */
async function open(login: string, lastId?: string): Promise<Stream> {
  const abort = new AbortController();
  const response = await fetch(`${app.url}/api/changes`, {
    headers: { authorization: `Bearer ${await app.as(login).token()}`, ...(lastId && { "last-event-id": lastId }) },
    signal: abort.signal,
  });
  async function* frames(): AsyncGenerator<Frame> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const lines = new Map(
          text
            .slice(0, end)
            .split("\n")
            .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
        );
        text = text.slice(end + 2);
        const data = JSON.parse(lines.get("data") ?? "null");
        yield { id: lines.get("id") ?? "", event: lines.get("event") ?? "", changes: Array.isArray(data) ? data : [] };
      }
    }
  }
  return { status: response.status, frames: frames(), close: () => abort.abort() };
}

async function next(stream: Stream): Promise<Frame> {
  const { value, done } = await stream.frames.next();
  assert(!done, "the stream ended");
  return value;
}

const sources = () => [...app.app.services.keys()];
/** What was logged since a moment of real time, as `type subject time`. */
async function loggedSince(since: Date, where = "true"): Promise<string[]> {
  const rows = await app.owner<{ type: string; key: string; time: Date }>(
    sources()
      .map((source) => `select type, key, time from ${source}.published where logged_at > $1 and ${where}`)
      .join(" union all "),
    [since],
  );
  return rows.map((row) => `${row.type} ${row.key} ${row.time.toISOString()}`).toSorted();
}
const now = async () => (await app.owner<{ now: Date }>("select clock_timestamp() as now"))[0]?.now ?? assert.fail();
const said = (change: Record<string, unknown>) =>
  `${String(change["type"])} ${String(change["subject"])} ${String(change["time"])}`;

for (const seed of [1, 2, 3]) {
  test(`a stream that breaks again and again goes on where it was: nothing lost, nothing twice (seed ${seed})`, async () => {
    await app.settle();
    const random = seededRandom(seed);
    let stream = await open("admin");
    let { id } = await next(stream);
    const since = await now();
    const writing = (async () => {
      for (let i = 0; i < 15; i++) {
        const made = Array.from({ length: 1 + random.below(4) }, (_, k) =>
          app.as("manager").post("/tasks", { title: `t ${i} ${k}` }),
        );
        await Promise.all(made);
      }
    })();
    let last: string[] | undefined;
    const settled = writing.then(async () => {
      await app.settle();
      last = await loggedSince(since);
    });
    const heard: string[] = [];
    let left = random.below(3);
    const deadline = performance.now() + 20_000;
    while (last === undefined || heard.length < last.length) {
      assert(performance.now() < deadline, `heard ${heard.length} of ${last?.length}`);
      const coming = next(stream);
      const first = await Promise.race([coming, settled]);
      if (first === undefined && heard.length === last?.length) break;
      const frame = first ?? (await coming);
      id = frame.id;
      assert(frame.changes.every((change) => !("more" in change)));
      heard.push(...frame.changes.map(said));
      if (left-- === 0) {
        stream.close();
        stream = await open("admin", id);
        left = random.below(3);
      }
    }
    stream.close();
    await writing;
    assert.deepEqual(heard.toSorted(), last);
  });
}

test("an id that the stream has not given out is refused", async () => {
  for (const id of ["1", "tasks:1.2", "tasks:", "'; drop table", `${"x".repeat(2_000)}`]) {
    const stream = await open("admin", id);
    assert.equal(stream.status, 400, id);
    stream.close();
  }
});

test("an id whose events are kept no more is refused, and not passed over", async () => {
  const first = await open("worker1");
  const { id } = await next(first);
  first.close();
  const [, ...places] =
    /(?:^|;)tasks:([^;]+)/
      .exec(id)?.[1]
      ?.split(".")
      .map((digits) => Number.parseInt(digits, 36)) ?? [];
  assert.equal(places.length, 16);
  const begin = (at: number) => app.owner("update tasks.log_source set begins_at = $1", [at]);
  const status = async () => {
    const stream = await open("worker1", id);
    stream.close();
    return stream.status;
  };
  assert.equal(await status(), 200);
  await begin(Math.min(...places) + 1);
  assert.equal(await status(), 200);
  await begin(Math.min(...places) + 2);
  assert.equal(await status(), 400);
  await begin(0);
});

test("a log that was set back ends the streams that read it; who comes back to a place of before begins anew", async () => {
  await app.settle();
  const stream = await open("worker1");
  const { id } = await next(stream);
  await app.owner("update tasks.log_source set epoch = epoch + 1");
  await app.as("manager").post("/tasks", { title: "anew" });
  for await (const _ of stream.frames);
  assert.equal((await open("worker1", id)).status, 400);
  const again = await open("worker1");
  const here = await next(again);
  again.close();
  const third = await open("worker1", here.id);
  assert.equal(third.status, 200);
  third.close();
});

test("nobody listens without a sign-in", async () => {
  assert.equal((await fetch(`${app.url}/api/changes`)).status, 401);
});

test("nobody can open so many streams that none is left for others", async () => {
  const streams = await Promise.all(Array.from({ length: 40 }, () => open("worker2")));
  assert.equal(streams.filter(({ status }) => status === 200).length, 30);
  assert.equal(streams.filter(({ status }) => status === 429).length, 10);
  const other = await open("worker3");
  assert.equal(other.status, 200);
  for (const { close } of [...streams, other]) close();
});

test("a worker learns of the own entries only, an accountant of all", async () => {
  await app.settle();
  const [worker, accountant] = [await open("worker1"), await open("accountant")];
  await next(worker);
  await next(accountant);
  const since = await now();
  for (let i = 0; i < 40; i++) await app.as("manager").post("/tasks", { title: `whose ${i}` });
  const tasks = (await app.as("manager").get("/tasks?limit=500")).body.items as {
    id: string;
    assigneeId: string;
  }[];
  const theirs = tasks.find((task) => task.assigneeId === app.people["worker2"]);
  assert(theirs);
  assert.equal((await app.as("worker2").post(`/tasks/${theirs.id}/complete`)).status, 200);
  await app.settle();
  const posted = await app.owner<{ data: { entries: { userId: string }[] } }>(
    "select data from accounting.published where type = 'entry.posted' and logged_at > $1",
    [since],
  );
  const own = posted.flatMap(({ data }) => data.entries.filter((entry) => entry.userId === app.people["worker1"]));
  const total = posted.flatMap(({ data }) => data.entries);
  assert(own.length < total.length && total.length >= 41);
  const count = async (stream: Stream, all: number) => {
    let entries = 0;
    const seen: Record<string, unknown>[] = [];
    while (entries < all) {
      const frame = await next(stream);
      for (const change of frame.changes) {
        seen.push(change);
        if (change["type"] === "entry.posted") entries += Number(change["entries"]);
      }
    }
    stream.close();
    return { entries, seen };
  };
  const { seen, entries } = await count(worker, own.length);
  assert.equal(entries, own.length);
  const mayBeTold = ["assigneeId", "entries", "more", "period", "subject", "time", "type"];
  assert.deepEqual(
    seen.flatMap((change) => Object.keys(change)).filter((name) => !mayBeTold.includes(name)),
    [],
  );
  assert.equal((await count(accountant, total.length)).entries, total.length);
});

test("the stream of somebody who is deactivated ends, though others go on", async () => {
  const [theirs, other] = [await open("worker3"), await open("worker1")];
  await next(theirs);
  await next(other);
  assert.equal((await app.as("admin").patch(`/users/${app.people["worker3"]}`, { status: "inactive" })).status, 200);
  for await (const _ of theirs.frames);
  await app.as("manager").post("/tasks", { title: "after" });
  assert.equal((await next(other)).event, "changes");
  other.close();
});

test("somebody who is an admin no more hears what others may hear, on the same stream", async () => {
  await app.join({ login: "second", roles: ["admin"] });
  await app.settle();
  const stream = await open("second");
  await next(stream);
  await app.as("admin").patch(`/users/${app.people["second"]}`, { roles: ["worker"] });
  await app.settle();
  await app.join({ login: "stranger", roles: ["worker"] });
  await app.as("manager").post("/tasks", { title: "the end" });
  for (;;) {
    const frame = await next(stream);
    assert(!frame.changes.some((change) => change["subject"] === app.people["stranger"]));
    if (frame.changes.some((change) => change["type"] === "task.created")) break;
  }
  stream.close();
});

test("the end of the process ends the streams, and waits for none", async () => {
  const streams = await Promise.all(["admin", "worker1", "worker2"].map((login) => open(login)));
  for (const stream of streams) await next(stream);
  stopped = true;
  await app.stop();
  for (const stream of streams) for await (const _ of stream.frames);
});
