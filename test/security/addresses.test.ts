import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildWeb, WEB_DIST } from "../../src/app/build-web.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { ffuf } from "./ffuf.ts";
import { hiddenAddresses } from "./hidden-addresses.ts";
import { skipWithout, toolFolder } from "./tool.ts";

const folder = toolFolder();

/** What there is besides the routes of the API and the addresses of the app. */
const others =
  /^\/(livez|readyz|api\/openapi\.json|api\/changes|setup|reset(\/link)?|join|login\/style\.css|login\/[\w.-]+|oidc\/.+|auth\/(|login|callback|logout)|oidc-backchannel-logout|(assets\/)?[\w.-]+\.(js|css|svg|woff2))$/;

describe("addresses that nobody has declared (ffuf)", { skip: skipWithout("ffuf", "-V") }, () => {
  let app: TestApp;
  let declared: RegExp[];
  before(async () => {
    await buildWeb(() => {});
    app = await startTestApp({ people: [], settings: { demo: false } });
    const pages = Object.keys(JSON.parse(readFileSync(join(WEB_DIST, "paths.json"), "utf8")) as object);
    declared = [...app.app.routes.map(({ url }) => url), ...pages].map(
      (path) => new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/[:$]\w+/g, "[^/]*")}/?$`),
    );
  });
  after(() => app?.stop());

  for (const who of ["a stranger", "an admin"]) {
    test(`show ${who} nothing: no file, no folder, no page of another program`, async (t) => {
      const paths = hiddenAddresses(app.app.routes.map(({ url }) => url));
      const header = who === "a stranger" ? "X-Nobody: 1" : `Authorization: Bearer ${await app.as("admin").token()}`;
      const found = await ffuf(folder, app.url, paths, header);
      t.diagnostic(`${paths.length} addresses`);
      assert.ok(
        found.some(({ path }) => path === "/livez"),
        "what is there is found",
      );
      const unknown = found.filter(({ path }) => !others.test(path) && !declared.some((one) => one.test(path)));
      // What cannot be decoded is refused as such.
      assert.deepEqual(
        unknown.filter(({ status }) => status !== 400),
        [],
      );
      assert.deepEqual(
        found.filter(({ status }) => status >= 500),
        [],
      );
    });
  }

  test("the same run finds a file that lies open", async () => {
    const open = createServer((request, response) => {
      response.statusCode = request.url === "/.env" ? 200 : 404;
      response.end("SECRET=1");
    }).listen(0, "127.0.0.1");
    await once(open, "listening");
    const { port } = open.address() as AddressInfo;
    const found = await ffuf(folder, `http://127.0.0.1:${port}`, hiddenAddresses([]), "X-Nobody: 1");
    open.close();
    assert.deepEqual(found, [{ path: "/.env", status: 200 }]);
  });
});
