import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { Type } from "typebox";
import { Page, page, pageParameters, readCursor } from "../../src/platform/http/paging.ts";
import { command, query } from "../../src/platform/http/route.ts";
import { tidyUp } from "../../src/platform/janitor.ts";
import { Refusal } from "../../src/platform/refusal.ts";
import { noteWritten, startSmall } from "./small.ts";

const Note = Type.Object({ noteId: Type.String(), n: Type.Integer() });
const routes = [
  command({
    operationId: "writeNote",
    method: "POST",
    path: "/notes",
    policy: "anyone",
    command: "note.write",
    summary: "Writes a note; some are refused",
    body: Type.Object({
      noteId: Type.String({ minLength: 1, maxLength: 100 }),
      more: Type.Optional(Type.Object({ text: Type.String() })),
    }),
    response: Note,
    status: 201,
    handle: async (ctx, { body: { noteId } }) => {
      const [row] = await ctx.sql<{ n: number }>(
        "insert into note values ($1, 1) on conflict (id) do update set n = note.n + 1 returning n",
        [noteId],
      );
      ctx.emit(noteWritten, { noteId, n: row?.n ?? 0, text: "" });
      if (noteId.startsWith("refused")) throw new Refusal("conflict", "note-refused", "Not this one.");
      if (noteId.startsWith("defect")) throw new Error("the password is hunter2");
      if (noteId.startsWith("broken")) await ctx.sql("select secret_column from nowhere");
      return { noteId, n: row?.n ?? 0 };
    },
  }),
  query({
    operationId: "listNotes",
    method: "GET",
    path: "/notes",
    policy: "anyone",
    summary: "Notes in the order of their ids",
    query: Type.Object({ ...pageParameters, short: Type.Optional(Type.Boolean({ default: false })) }),
    response: Page(Type.Object({ noteId: Type.String(), asked: Type.String() })),
    handle: async ({ sql }, { query: { limit, cursor, short } }) => {
      const [after] = readCursor(cursor) ?? [null];
      const rows = await sql<{ id: string }>(
        "select id from note where id like 'paged%' and ($1::text is null or id > $1) order by id limit $2::int + 1",
        [after, limit],
      );
      return page(
        rows,
        limit ?? 0,
        (row) => [row.id],
        (row) => ({ noteId: row.id, asked: `${limit} ${short}` }),
      );
    },
  }),
  query({
    operationId: "listByNumber",
    method: "GET",
    path: "/numbers",
    policy: "anyone",
    summary: "Its cursor holds a number and a UUID",
    query: Type.Object({ ...pageParameters }),
    response: Type.Object({ ok: Type.Boolean() }),
    handle: async ({ sql }, { query: { cursor } }) => {
      await sql("select $1::int, $2::uuid", readCursor(cursor) ?? [null, null]);
      return { ok: true };
    },
  }),
  query({
    operationId: "ping",
    method: "GET",
    path: "/ping/:word",
    policy: "anyone",
    summary: "Takes no query",
    params: Type.Object({ word: Type.String({ maxLength: 20 }) }),
    response: Type.Object({ word: Type.String() }),
    handle: async (_, { params: { word } }) => ({ word }),
  }),
];
const small = await startSmall({ routes });

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(`${small.url}${path}`, init);
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  return {
    status: response.status,
    type,
    headers: response.headers,
    text,
    body: type.includes("json") ? JSON.parse(text) : text,
  };
}
type Answered = Awaited<ReturnType<typeof ask>>;
const post = (body: unknown, headers: Record<string, string> = {}) =>
  ask("/api/notes", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const stored = async (id: string) =>
  (await small.sql("notes")<{ n: number }>("select n from note where id = $1", [id]))[0]?.n;

function assertSecured(answer: Answered) {
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.equal(answer.headers.get("x-frame-options"), "DENY");
  assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
  assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  assert.equal(answer.headers.get("cache-control"), "no-store");
}

function assertProblem(answer: Answered, status: number, code: string) {
  assert.deepEqual([answer.status, answer.body.code], [status, code], answer.text);
  assert.match(answer.type, /^application\/problem\+json/);
  assert.equal(answer.body.status, status);
  assert.equal(answer.body.type, `/docs/errors#${code}`);
  assert.equal(typeof answer.body.title, "string");
  assert.doesNotMatch(answer.text, / at \w+[ .]?\w* ?\(|node:|\.ts\b|select|hunter2|secret_column|relation|syntax/i);
  assertSecured(answer);
}

const large = `{"noteId":"${"x".repeat(140 * 1024)}"}`;
const refusals: [what: string, ask: () => Promise<Answered>, status: number, code: string][] = [
  ["a field that is not known", () => post({ noteId: "a", nmae: 1 }), 400, "invalid-request"],
  [
    "a field that is not known, further inside",
    () => post({ noteId: "a", more: { text: "", x: 1 } }),
    400,
    "invalid-request",
  ],
  ["a field of another type", () => post({ noteId: 7 }), 400, "invalid-request"],
  ["a missing field", () => post({}), 400, "invalid-request"],
  ["no body at all", () => ask("/api/notes", { method: "POST" }), 400, "invalid-request"],
  ["what is not JSON", () => post("{"), 400, "not-json"],
  ["an empty body that says it is JSON", () => post(""), 400, "not-json"],
  ["JSON that is no object", () => post("[1]"), 400, "invalid-request"],
  [
    "another media type",
    () => post("noteId=a", { "content-type": "application/x-www-form-urlencoded" }),
    400,
    "not-json",
  ],
  ["a prototype in disguise", () => post('{"noteId":"a","__proto__":{"x":1}}'), 400, "not-json"],
  ["a body that is too large", () => post(large), 413, "body-too-large"],
  ["a text with NUL", () => post('{"noteId":"a\\u0000b"}'), 400, "invalid-request"],
  ["a text with half a surrogate pair", () => post('{"noteId":"a","more":{"text":"\\ud83d"}}'), 400, "invalid-request"],
  ["a query parameter that is not known", () => ask("/api/notes?limt=3"), 400, "invalid-request"],
  ["a query parameter where none is taken", () => ask("/api/ping/a?loud=1"), 400, "invalid-request"],
  ["a number that is none", () => ask("/api/notes?limit=many"), 400, "invalid-request"],
  ["an empty number", () => ask("/api/notes?limit="), 400, "invalid-request"],
  ["half a number", () => ask("/api/notes?limit=1.5"), 400, "invalid-request"],
  ["a word for a number", () => ask("/api/notes?limit=true"), 400, "invalid-request"],
  ["a number for a word", () => ask("/api/notes?short=1"), 400, "invalid-request"],
  ["a parameter twice", () => ask("/api/notes?limit=1&limit=2"), 400, "invalid-request"],
  ["a page that is too large", () => ask("/api/notes?limit=501"), 400, "invalid-request"],
  ["a page of nothing", () => ask("/api/notes?limit=0"), 400, "invalid-request"],
  ["a parameter with NUL", () => ask("/api/ping/%00"), 400, "invalid-request"],
  ["a cursor that is none", () => ask("/api/notes?cursor=hello"), 400, "bad-cursor"],
  ["a cursor that holds something else", () => ask(`/api/numbers?cursor=${cursorOf(["x", "y"])}`), 400, "bad-cursor"],
  ["a cursor with an object in it", () => ask(`/api/notes?cursor=${cursorOf([{}])}`), 400, "bad-cursor"],
  ["an unknown address", () => ask("/api/nothing"), 404, "no-such-route"],
  ["a method that is not there", () => ask("/api/notes", { method: "DELETE" }), 405, "no-such-method"],
  ["one that no route has", () => ask("/api/notes", { method: "QUERY" }), 405, "no-such-method"],
  ["an address that cannot be decoded", () => ask("/api/ping/%E0%A4%A"), 400, "bad-request"],
  ["a bad Idempotency-Key", () => post({ noteId: "a" }, { "idempotency-key": "a b" }), 400, "bad-idempotency-key"],
  ["what the rules refuse", () => post({ noteId: "refused" }), 409, "note-refused"],
  ["a defect", () => post({ noteId: "defect" }), 500, "internal-error"],
  ["a defect in SQL", () => post({ noteId: "broken" }), 500, "internal-error"],
];
for (const [what, request, status, code] of refusals) {
  test(`refused as a problem with a stable code, telling nothing of the inside: ${what}`, async () => {
    assertProblem(await request(), status, code);
  });
}

function cursorOf(parts: unknown): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

test("a wrong method is told which ones the address has", async () => {
  const { headers } = await ask("/api/notes", { method: "PUT" });
  assert.equal(headers.get("allow"), "GET, HEAD, POST");
});

test("what is no HTTP at all is answered with a problem, and the connection ends", async () => {
  const socket = connect(Number(new URL(small.url).port), "127.0.0.1");
  socket.end("GIMME /\r\n\r\n");
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json\r\n/);
  assert.equal(JSON.parse(text.split("\r\n\r\n")[1] ?? "").code, "not-http");
});

test("headers beyond all measure are answered with a problem", async () => {
  assert.deepEqual(
    (await ask("/api/notes", { headers: { "x-long": "x".repeat(40_000) } })).body.code,
    "headers-too-large",
  );
});

test("every answer carries the headers that keep browsers from doing more than asked", async () => {
  const answer = await post({ noteId: "secured" });
  assert.equal(answer.status, 201);
  assertSecured(answer);
  assert.match(answer.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
});

test("parameters that were left out have their defaults, in lists of every service", async () => {
  for (let i = 10; i < 70; i++) await small.sql("notes")("insert into note values ($1, 1)", [`paged ${i}`]);
  const { body } = await ask("/api/notes");
  assert.equal(body.items.length, 50);
  assert.equal(body.items[0].asked, "50 false");
  assert.equal((await ask("/api/notes?limit=7&short=true")).body.items[0].asked, "7 true");
});

test("pages by cursor show each entry once, the last says that it is the last", async () => {
  const seen: string[] = [];
  let next = "";
  for (let pages = 0; pages < 10; pages++) {
    const { body } = await ask(`/api/notes?limit=20${next && `&cursor=${next}`}`);
    seen.push(...body.items.map((item: { noteId: string }) => item.noteId));
    next = body.nextCursor;
    if (next === null) break;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 60 }, (_, i) => `paged ${i + 10}`),
  );
});

test("a command sent twenty times at once with one Idempotency-Key takes effect once and answers the same", async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => post({ noteId: "once" }, { "idempotency-key": "key-1" })),
  );
  for (const answer of answers) assert.deepEqual([answer.status, answer.body], [201, { noteId: "once", n: 1 }]);
  assert.equal(await stored("once"), 1);
  const [events] = await small.sql("notes")<{ count: number }>(
    "select count(*) as count from outbox where key = 'once'",
  );
  assert.equal(events?.count, 1);
});

test("an Idempotency-Key that was used for another request is refused", async () => {
  await post({ noteId: "first" }, { "idempotency-key": "key-2" });
  assertProblem(await post({ noteId: "second" }, { "idempotency-key": "key-2" }), 409, "idempotency-key-reused");
  assert.equal(await stored("second"), undefined);
});

test("a refusal is not remembered: nothing happened, and the same request may go through later", async () => {
  const key = { "idempotency-key": "key-3" };
  assertProblem(await post({ noteId: "refused at first" }, key), 409, "note-refused");
  assert.equal(await stored("refused at first"), undefined);
  assert.equal((await post({ noteId: "then not" }, key)).status, 201);
});

test("Idempotency-Keys are forgotten after two days, not before", async () => {
  const age = (key: string, hours: number) =>
    small.sql("notes")("update idempotency set created_at = now() - make_interval(hours => $2) where key = $1", [
      key,
      hours,
    ]);
  await age("key-1", 47);
  await age("key-2", 49);
  assert.equal(await tidyUp(small.sql("notes")), 1);
  assert.equal(await tidyUp(small.sql("notes")), 0);
  await post({ noteId: "once" }, { "idempotency-key": "key-1" });
  assert.equal(await stored("once"), 1);
  assert.equal((await post({ noteId: "second" }, { "idempotency-key": "key-2" })).status, 201);
});

test("who asks too often is told when to come back, while others and the probes are answered", async () => {
  const own = await startSmall({ routes, config: { ratePerSecond: 5 } });
  const send = (path: string, token?: string) =>
    fetch(`${own.url}${path}`, { ...(token && { headers: { authorization: `Bearer ${token}` } }) });
  const answers = await Promise.all(Array.from({ length: 40 }, () => send("/api/ping/a")));
  const refused = answers.filter((answer) => answer.status === 429);
  assert(refused.length >= 30, `${refused.length} of 40 refused`);
  assert(Number(refused[0]?.headers.get("retry-after")) >= 1);
  const problem = (await refused[0]?.json()) as { code: string };
  assert.equal(problem.code, "too-many-requests");
  const probes = await Promise.all(Array.from({ length: 20 }, () => send("/livez")));
  assert(probes.every((answer) => answer.status === 200));
  assert.equal((await send("/api/ping/a", "somebody else")).status, 200);
});

test("who makes tokens up is stopped by address, however many tokens", async () => {
  const own = await startSmall({ routes, config: { ratePerSecond: 5 } });
  const statuses: number[] = [];
  for (let i = 0; i < 20; i++) {
    const headers = { authorization: `Bearer made up ${i}` };
    statuses.push((await fetch(`${own.url}/api/events`, { headers })).status);
  }
  assert(statuses.filter((status) => status === 429).length >= 10, statuses.join(" "));
  assert.equal(statuses[0], 401);
});

test("where nobody asks for a token, made-up ones do not make one sender into many", async () => {
  const own = await startSmall({ routes, config: { ratePerSecond: 5 } });
  for (const [method, path] of [
    ["GET", "/api/openapi.json"],
    ["DELETE", "/api/nothing"],
  ] as const) {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        fetch(own.url + path, { method, headers: { authorization: `Bearer made up ${i}` } }),
      ),
    );
    const refused = answers.filter(({ status }) => status === 429).length;
    assert(refused >= 20, `${refused} of 40 to ${path} were refused`);
  }
});

test("while the database does not answer, requests are refused for the moment, not as defects", async () => {
  const own = await startSmall({ routes });
  await own.owner("alter role popug_test_notes connection limit 0");
  try {
    await own.owner(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'popug_test_notes' and datname = current_database()",
    );
    const answer = await fetch(`${own.url}/api/ping/a`);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("retry-after"), "1");
    assert.equal(((await answer.json()) as { code: string }).code, "database-unavailable");
  } finally {
    await own.owner("alter role popug_test_notes connection limit -1");
  }
  assert.equal((await fetch(`${own.url}/api/ping/a`)).status, 200);
});
