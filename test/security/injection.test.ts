import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { onServer, testServer } from "../kit/server.ts";
import { application, beginFlow, Browser, openLogin } from "../services/auth/browser.ts";
import { sqlmap, type Target } from "./sqlmap.ts";
import { skipWithout, toolFolder } from "./tool.ts";

const folder = toolFolder();

describe("SQL from outside (sqlmap)", { skip: skipWithout("sqlmap", "--version") }, () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({ settings: { demo: false, relyingParties: [application] } });
    for (const title of ["Fix the perch", "Water the palms"]) await app.as("manager").post("/tasks", { title });
    await app.settle();
  });
  after(() => app?.stop());

  const lists = [
    "/users?q=worker&role=worker&status=active",
    "/tasks?q=palms&status=in_progress&waiting=false",
    "/account-lines?q=worker&sort=name",
    "/entries?kind=fee&day=2026-01-01&period=1",
    "/security-audit?actor=system&kind=user.created",
    "/flow/events?source=tasks&type=task.created&key=x&except=user.created",
  ];
  const forms: Record<string, Record<string, unknown>> = {
    "/tasks": { title: "Sort the feathers", description: "by colour" },
    "/users": { login: "kesha", name: "Kesha", email: "kesha@popug.test" },
    "/my/password": { old: "not the password", new: "four unrelated words of mine" },
  };

  /** Where the sign-in page was opened, as a browser sends its form. */
  async function signIn(): Promise<Target> {
    const browser = new Browser(app);
    const page = await openLogin(browser, beginFlow(app));
    const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join("; ");
    const headers = { Origin: app.app.config.settings.publicUrl, Cookie: cookie };
    return { url: app.url + page, headers, body: new URLSearchParams({ login: "admin", password: "guess guess" }) };
  }

  async function holdsAgainst(target: Target) {
    const { holes, out } = await sqlmap(folder, target);
    assert.deepEqual(holes, [], out);
    assert.match(out, /do(es)? not (appear|seem) to be injectable/, out);
    assert.doesNotMatch(out, /Internal Server Error/, out);
  }

  const authorization = async () => ({ Authorization: `Bearer ${await app.as("admin").token()}` });
  for (const path of lists) {
    test(`does not get in through the list ${path}`, async () =>
      holdsAgainst({ url: `${app.url}/api${path}`, headers: await authorization() }));
  }
  test("does not get in through a cursor", async () => {
    const { body } = await app.as("admin").get("/tasks?limit=1");
    assert.ok(body.nextCursor, JSON.stringify(body));
    const url = `${app.url}/api/tasks?limit=1&cursor=${encodeURIComponent(body.nextCursor)}`;
    await holdsAgainst({ url, headers: await authorization() });
  });
  for (const [path, body] of Object.entries(forms)) {
    test(`does not get in through the body of POST ${path}`, async () =>
      holdsAgainst({ url: `${app.url}/api${path}`, headers: await authorization(), body }));
  }
  test("does not get in through the sign-in form", async () => holdsAgainst(await signIn()));

  test("gets in through a server that pastes its SQL together", async () => {
    const { admin } = await testServer();
    const tasks = "(values ('Fix the perch'), ('Water the palms')) as task (title)";
    const open = createServer((request, response) => {
      const q = new URL(request.url ?? "/", "http://localhost").searchParams.get("q") ?? "";
      void onServer(admin, (client) => client.query(`select title from ${tasks} where title like '%${q}%'`)).then(
        ({ rows }) => response.end(JSON.stringify(rows)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    }).listen(0, "127.0.0.1");
    await once(open, "listening");
    const { port } = open.address() as AddressInfo;
    const { holes, out } = await sqlmap(folder, { url: `http://127.0.0.1:${port}/?q=palms` });
    open.close();
    assert.deepEqual(holes, ["GET q"], out);
  });
});
