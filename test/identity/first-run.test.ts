import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { firstRun } from "../../src/app/first-run.ts";
import { readConfig } from "../../src/config.ts";
import { StartRefused } from "../../src/platform/start-refused.ts";
import { makeRecoveryLink } from "../../src/services/auth/recovery.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { campaign } from "../kit/random.ts";
import { PASSWORD, WebBrowser } from "../services/auth/web-browser.ts";

const { runs: ROUNDS } = campaign(3, 50);

let app: TestApp;
before(async () => {
  app = await startTestApp({ people: [], settings: { demo: false } });
});
after(() => app.stop());
beforeEach(async () => {
  await app.owner("truncate auth.users cascade");
});

/** What the first line of a fresh installation leads to. */
async function link(): Promise<string> {
  const lines = await firstRun(app.app);
  const address = new URL(lines.at(-1) ?? "");
  assert.equal(address.origin + address.pathname, `${app.url}/setup`);
  assert.match(address.hash, /^#[\w-]{43}$/);
  return address.hash.slice(1);
}

const form = (token: string, more: Record<string, string> = {}) => ({
  token,
  login: "ada",
  name: "Ada",
  email: "",
  password: PASSWORD,
  repeat: PASSWORD,
  ...more,
});

async function post(fields: Record<string, string>, headers: Record<string, string> = {}) {
  const browser = new WebBrowser(app);
  return browser.go("/setup", { form: fields, headers: { origin: browser.origin, ...headers } });
}

test("the link that the start prints makes the one who has it admin, once, and they sign in", async () => {
  const token = await link();
  assert.equal((await post(form(token))).status, 200);
  assert.equal((await post(form(token, { login: "eve" }))).status, 404);
  assert.deepEqual(await firstRun(app.app), []);
  await app.settle();
  const browser = new WebBrowser(app);
  assert.match((await browser.signIn("ada")).text, /ada/);
  assert.deepEqual((await browser.call("GET", "/me")).body.roles, ["admin"]);
  const [row] = await app.sql("auth")<{ n: number }>("select count(*) as n from setup_link");
  assert.equal(row?.n, 0);
});

test("the page needs no script to work and no inline one to be comfortable; it speaks both languages", async () => {
  await link();
  const browser = new WebBrowser(app);
  const page = await browser.go("/setup");
  assert.equal(page.status, 200);
  assert.match(page.text, /<script src="\/login\/link.js" defer>/);
  assert.doesNotMatch(page.text, /<script>|style=|onclick/);
  assert.match(page.headers.get("content-security-policy") ?? "", /script-src 'self'/);
  assert.match((await browser.go("/setup", { headers: { "accept-language": "ru" } })).text, /Первый администратор/);
  const script = await browser.go("/login/link.js");
  assert.match(script.headers.get("content-type") ?? "", /javascript/);
});

test("a link that is older than 30 minutes, replaced, made up or stored somewhere is of no use", async () => {
  const first = await link();
  const token = await link();
  const [row] = await app.owner<{ hash: Buffer }>("select token_hash as hash from auth.setup_link");
  for (const other of [first, "", "made-up", row?.hash.toString("base64url") ?? "", row?.hash.toString("hex") ?? ""]) {
    assert.equal((await post(form(other))).status, 404, other);
  }
  await app.owner("update auth.setup_link set expires_at = now()");
  assert.equal((await post(form(token))).status, 404);
  assert.equal((await app.owner("select 1 from auth.users")).length, 0);
});

test("mistakes are told and leave the link as it was; a page of another site gets nowhere", async () => {
  const token = await link();
  for (const [more, headers, status] of [
    [{ password: "short", repeat: "short" }, {}, 400],
    [{ repeat: "another" }, {}, 400],
    [{ login: "Not A Login!" }, {}, 400],
    [{ name: " " }, {}, 400],
    [{}, { origin: "https://evil.example" }, 400],
    [{}, { "sec-fetch-site": "cross-site" }, 400],
  ] as const) {
    assert.equal((await post(form(token, more), headers)).status, status, JSON.stringify(more));
  }
  assert.equal((await post(form(token))).status, 200);
});

test("of 20 who use the link at the same instant one becomes the admin", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await app.owner("truncate auth.users cascade");
    const token = await link();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => post(form(token, { login: `first-${i}` }))));
    assert.equal(answers.filter((a) => a.status === 200).length, 1);
    assert.equal((await app.owner("select 1 from auth.users")).length, 1);
  }
});

test("without anybody at a browser, settings and a password file make the first admin", async () => {
  const folder = await mkdtemp(join(tmpdir(), "popug-admin-"));
  try {
    const file = join(folder, "password");
    await writeFile(file, `${PASSWORD}\n`);
    const config = readConfig({}, { POPUG_ADMIN_LOGIN: "ada", POPUG_ADMIN_PASSWORD_FILE: file });
    const withAdmin = { ...app.app, config: { ...app.app.config, firstAdmin: config.firstAdmin } };
    assert.deepEqual(await firstRun(withAdmin), ["ada is the first admin."]);
    assert.deepEqual(await firstRun(withAdmin), []);
    await app.settle();
    assert.match((await new WebBrowser(app).signIn("ada")).text, /ada/);

    await app.owner("truncate auth.users cascade");
    const weak = {
      ...app.app,
      config: { ...app.app.config, firstAdmin: { login: "ada", name: "Ada", email: "", password: "password1234" } },
    };
    await assert.rejects(firstRun(weak), (e) => e instanceof StartRefused && /first admin/.test(e.message));
    await writeFile(file, "short");
    for (const env of [
      { POPUG_ADMIN_LOGIN: "ada" },
      { POPUG_ADMIN_PASSWORD_FILE: file },
      { POPUG_ADMIN_LOGIN: "ada", POPUG_ADMIN_PASSWORD_FILE: file },
      { POPUG_ADMIN_LOGIN: "Ada!", POPUG_ADMIN_PASSWORD_FILE: file },
      { POPUG_ADMIN_LOGIN: "ada", POPUG_ADMIN_PASSWORD_FILE: join(folder, "none") },
    ] as Record<string, string>[]) {
      assert.throws(() => readConfig({}, env), StartRefused);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("whoever owns the machine gets an admin back in, whatever happened to them", async () => {
  await post(form(await link()));
  const { tools } = app.app.services.get("auth") ?? assert.fail();
  await app.owner("update auth.users set status = 'inactive', roles = '{worker}', version = version + 1");
  const token = (await makeRecoveryLink(tools, "ada")) ?? assert.fail();
  const browser = new WebBrowser(app);
  const fields = { token, password: "another long pass phrase of hers", repeat: "another long pass phrase of hers" };
  const send = () => browser.go("/reset/link/password", { form: fields, headers: { origin: browser.origin } });
  const set = await send();
  assert.equal(set.status, 200, set.text);
  assert.equal((await send()).status, 404);
  await app.settle();
  await browser.signIn("ada", fields.password);
  assert.deepEqual((await browser.call("GET", "/me")).body.roles, ["worker", "admin"]);
  assert.equal(await makeRecoveryLink(tools, "nobody"), undefined);

  await app.settle();
  await browser.call("POST", "/users", { login: "plain", name: "Plain", password: PASSWORD });
  await app.settle();
  await makeRecoveryLink(tools, "plain");
  const [plain] = await app.owner<{ roles: string[] }>("select roles from auth.users where login = 'plain'");
  assert.deepEqual(plain?.roles, ["worker"]);
});
