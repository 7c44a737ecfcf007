/** The entry passes requests on: what may have taken effect goes to one copy only, and its outcome is told as unknown. */
import assert from "node:assert/strict";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, beforeEach, test } from "node:test";
import { pino } from "pino";
import { Type } from "typebox";
import { forwardRoutes } from "../../src/platform/http/forward.ts";
import { command, query } from "../../src/platform/http/route.ts";
import { createServer } from "../../src/platform/http/server.ts";
import { freePort } from "../kit/free-port.ts";
import { notes } from "./small.ts";

const Answer = Type.Object({ by: Type.String() });
const never = async () => assert.fail("its service runs elsewhere");
const route = { path: "/notes", policy: "anyone", response: Answer } as const;
const routes = [
  command({ ...route, operationId: "write", method: "POST", command: "write", summary: "Writes", handle: never }),
  query({ ...route, operationId: "read", method: "GET", summary: "Reads", handle: never }),
];

type Handle = (request: IncomingMessage, response: ServerResponse) => void;
const answers =
  (by: string): Handle =>
  (request, response) => {
    request.resume();
    response.setHeader("content-type", "application/json").end(JSON.stringify({ by }));
  };
/** It has read the request, perhaps done it, and is gone before it answers. */
const dies: Handle = (request) => request.resume().on("end", () => request.socket.destroy());

const closes: (() => unknown)[] = [];
after(async () => {
  for (const close of closes.reverse()) await close();
});

/** A copy of a service, of which a test decides what it does. */
async function copy(handle: Handle) {
  const one = { handle, asked: 0, url: "" };
  const server = createHttpServer((request, response) => {
    one.asked++;
    one.handle(request, response);
  }).listen(0, "127.0.0.1");
  await new Promise((settle) => server.once("listening", settle));
  closes.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  one.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return one;
}

async function entryBefore(...urls: string[]): Promise<string> {
  const server = await createServer({
    log: pino({ level: "silent" }),
    authorize: never,
    ratePerSecond: 1_000,
    version: "0",
  });
  await forwardRoutes(server, [{ service: notes(routes), urls }], async () => undefined);
  closes.push(() => server.close());
  return server.listen({ port: 0, host: "127.0.0.1" });
}

const one = await copy(dies);
const other = await copy(dies);
beforeEach(() => {
  for (const each of [one, other]) each.asked = 0;
});
const ask = async (entry: string, method: string) => {
  const response = await fetch(`${entry}/api/notes`, { method });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
};
const asked = () => one.asked + other.asked;

test("a command whose copy ends before it answers is answered 503 with its code, and asked of no other copy", async () => {
  const entry = await entryBefore(one.url, other.url);
  [one.handle, other.handle] = [dies, dies];
  const { status, headers, body } = await ask(entry, "POST");
  assert.deepEqual([status, body["code"]], [503, "service-unavailable"]);
  assert.match(String(body["title"]), /not known whether the request took effect.*same Idempotency-Key/);
  assert.equal(headers.get("retry-after"), "1");
  assert.equal(asked(), 1);
});

test("what only reads is asked of the next copy; when none answers, that is told with the same code", async () => {
  const entry = await entryBefore(one.url, other.url);
  [one.handle, other.handle] = [dies, answers("other")];
  for (let n = 0; n < 4; n++) assert.deepEqual((await ask(entry, "GET")).body, { by: "other" });
  other.handle = dies;
  const { status, body } = await ask(entry, "GET");
  assert.deepEqual([status, body["code"]], [503, "service-unavailable"]);
});

test("a command that cannot have got there goes to the next copy, once", async () => {
  const nobody = () => freePort().then((port) => `http://127.0.0.1:${port}`);
  other.handle = answers("other");
  const entry = await entryBefore(await nobody(), await nobody(), other.url);
  for (let n = 1; n <= 4; n++) {
    assert.deepEqual((await ask(entry, "POST")).body, { by: "other" });
    assert.equal(asked(), n);
  }
});

test("a copy that was silent is asked last for a while", async () => {
  [one.handle, other.handle] = [dies, answers("other")];
  const entry = await entryBefore(one.url, other.url);
  for (let n = 0; n < 6; n++) await ask(entry, "GET");
  assert.equal(one.asked, 1);
});
