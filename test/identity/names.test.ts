import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readConfig } from "../../src/config.ts";
import { StartRefused } from "../../src/platform/start-refused.ts";
import { addUser } from "../../src/services/auth/commands/create-user.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { PASSWORD, WebBrowser } from "../services/auth/web-browser.ts";

const NAME = "popug.test";
const certFile = join(import.meta.dirname, "popug.test.cert.pem");
const keyFile = join(import.meta.dirname, "popug.test.key.pem");
const cert = readFileSync(certFile, "utf8");

function refusal(env: Record<string, string>): string {
  try {
    readConfig({}, env);
  } catch (error) {
    assert.ok(error instanceof StartRefused, String(error));
    return error.message;
  }
  return "";
}

test("plain http on a name other than localhost is refused at the start, with a sentence that says what to do", () => {
  const said = refusal({ POPUG_PUBLIC_URL: "http://popug.example" });
  for (const variable of ["POPUG_PUBLIC_URL", "POPUG_TLS_CERT", "POPUG_TLS_KEY", "POPUG_TRUST_PROXY"]) {
    assert.ok(said.includes(variable), said);
  }
  for (const name of [
    "http://192.168.1.5:7070",
    "http://127.0.0.1:7070",
    "http://popug",
    "http://localhost.evil.example",
  ]) {
    assert.match(refusal({ POPUG_PUBLIC_URL: name }), /https/, name);
  }
  assert.equal(refusal({ POPUG_PUBLIC_URL: "http://localhost:8080" }), "");
  assert.equal(refusal({ POPUG_PUBLIC_URL: "http://popug.localhost:8080" }), "");
});

test("applications are only told of at addresses that browsers and we can go to", () => {
  const folder = mkdtempSync(join(tmpdir(), "popug-clients-"));
  const file = join(folder, "clients.json");
  const party = { client_id: "wiki", token_endpoint_auth_method: "none", redirect_uris: ["https://wiki.example/back"] };
  for (const [change, about] of [
    [{}, /^$/],
    [{ redirect_uris: ["javascript:alert(1)"] }, /"javascript:alert\(1\)" of wiki is no http or https address/],
    [{ redirect_uris: ["no address"] }, /"no address" of wiki/],
    [{ post_logout_redirect_uris: ["data:text/html,x"] }, /"data:text\/html,x" of wiki/],
    [{ backchannel_logout_uri: "file:///etc/passwd" }, /"file:\/\/\/etc\/passwd" of wiki/],
    [{ own: "yes" }, /own/],
  ] as const) {
    writeFileSync(file, JSON.stringify([{ ...party, ...change }]));
    assert.match(refusal({ POPUG_CLIENTS_FILE: file }), about);
  }
  rmSync(folder, { recursive: true });
});

test("names and certificates that do not fit together are refused at the start", () => {
  const tls = { POPUG_TLS_CERT: certFile, POPUG_TLS_KEY: keyFile };
  for (const [env, about] of [
    [{ POPUG_PUBLIC_URL: "https://popug.example" }, /POPUG_TRUST_PROXY/],
    [{ POPUG_PUBLIC_URL: "http://localhost:7070", ...tls }, /https/],
    [{ POPUG_TLS_CERT: certFile }, /POPUG_TLS_KEY/],
    [{ ...tls, POPUG_TLS_KEY: "/is/not/there" }, /cannot be read/],
    [{ POPUG_PUBLIC_URL: "https://popug.example/below", ...tls }, /without a path/],
    [{ POPUG_PUBLIC_URL: "popug.example", ...tls }, /looks like/],
    [{ POPUG_TRUST_PROXY: "everybody" }, /POPUG_TRUST_PROXY/],
    [{ POPUG_TRUST_PROXY: "10.0.0.0/8/8" }, /POPUG_TRUST_PROXY/],
  ] as const) {
    assert.match(refusal(env), about);
  }
  const behind = readConfig(
    {},
    { POPUG_PUBLIC_URL: "https://popug.example", POPUG_TRUST_PROXY: "loopback, 10.0.0.0/8" },
  );
  assert.deepEqual(behind.trustProxy, ["loopback", "10.0.0.0/8"]);
  assert.equal(readConfig({}, tls).settings.publicUrl, "https://localhost:7070");
});

/** A browser on another machine: it knows us by name and by certificate only. */
class BrowserElsewhere extends WebBrowser {
  readonly #port: number;
  constructor(app: TestApp) {
    super(app);
    this.#port = Number(new URL(app.url).port);
  }
  protected override send(path: string, init: RequestInit): Promise<Response> {
    return new Promise((resolve, reject) => {
      const body = typeof init.body === "string" || init.body instanceof URLSearchParams ? init.body.toString() : "";
      const asked = request(
        {
          host: "127.0.0.1",
          port: this.#port,
          servername: NAME,
          ca: cert,
          path,
          method: init.method ?? "GET",
          headers: {
            host: NAME,
            ...(init.headers as Record<string, string>),
            ...(body !== "" && { "content-type": "application/x-www-form-urlencoded", "content-length": body.length }),
          },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () => {
            const bare = answer.statusCode === 204 || answer.statusCode === 304;
            resolve(
              new Response(bare ? null : Buffer.concat(chunks), {
                status: answer.statusCode ?? 0,
                headers: pairs(answer.headers),
              }),
            );
          });
        },
      );
      asked.on("error", reject);
      asked.end(body);
    });
  }
}

const pairs = (headers: IncomingHttpHeaders): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  );

test("a second person signs in from another host name, over https with our own certificate", async () => {
  const { tls, settings } = readConfig(
    { demo: true },
    { POPUG_PUBLIC_URL: `https://${NAME}`, POPUG_TLS_CERT: certFile, POPUG_TLS_KEY: keyFile },
  );
  const app = await startTestApp({ people: [], config: { tls }, settings: { publicUrl: settings.publicUrl } });
  try {
    const { tools } = app.app.services.get("auth") ?? assert.fail();
    await tools.transact("user.create", "system:test", (ctx) =>
      addUser(ctx, { login: "second", name: "Second", password: PASSWORD }, "system:test"),
    );
    await app.settle();
    const browser = new BrowserElsewhere(app);
    const page = await browser.signIn("second");
    assert.equal(page.status, 200, page.text);
    assert.match(page.text, /second/);
    for (const { headers } of browser.seen) {
      assert.match(headers.get("strict-transport-security") ?? "", /max-age=31536000/);
      assert.doesNotMatch(headers.get("location") ?? "", /localhost|127\.0\.0\.1|^http:/);
    }
    const out = await browser.go("/auth/logout", { form: {}, headers: { origin: `https://${NAME}` } });
    assert.equal(out.status, 303);
  } finally {
    await app.stop();
  }
});
