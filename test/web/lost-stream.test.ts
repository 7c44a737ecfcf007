/** The line between the browser and the server is cut: the screen says so, and afterwards nothing is missing. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { openBrowser, openScreen, skip } from "./browser.ts";

/** What somebody may take to notice that the screen is old. */
const SAID_MS = 5_000;

describe("a stream that is lost", { skip }, () => {
  let app: TestApp;
  let browser: Browser;
  let line: Line;
  before(async () => {
    app = await startTestApp();
    line = await lineTo(Number(new URL(app.url).port));
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    line?.cut();
    await app?.stop();
  });

  test("is said at once with the time of what is shown; what happened meanwhile comes once, and all of it", async (t) => {
    const screen = await openScreen(browser, { ...app, url: `http://localhost:${line.port}` }, "manager");
    await screen.open("/tasks");
    line.cut();
    const began = performance.now();
    await screen.page
      .locator("[data-now=lost]")
      .getByText(/^Reconnecting, data from \d\d:\d\d$/)
      .waitFor();
    const took = performance.now() - began;
    t.diagnostic(`said after ${Math.round(took)} ms`);
    assert(took < SAID_MS, `said after ${Math.round(took)} ms`);
    for (const title of ["While nobody looked", "While nobody looked, again"]) {
      assert.equal((await app.as("manager").post("/tasks", { title })).status, 201);
    }
    await line.mend();
    await screen.page.locator("[data-now=live]").waitFor({ state: "attached" });
    await screen.page.getByRole("button", { name: "2 new", exact: true }).click();
    const rows = screen.page.getByText(/^While nobody looked/);
    await rows.nth(1).waitFor();
    assert.equal(await rows.count(), 2);
    await screen.close();
  });
});

type Line = { port: number; cut: () => void; mend: () => Promise<void> };

/** Passes everything on to the server until it is cut. */
async function lineTo(target: number): Promise<Line> {
  const open = new Set<Socket>();
  let server: Server;
  const listen = async (port: number) => {
    server = createServer((from) => {
      const to = connect(target, "localhost");
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        open.add(one);
        one.pipe(other);
        one.on("error", () => other.destroy());
        one.on("close", () => open.delete(one));
      }
    }).listen(port, "localhost");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  return {
    port,
    cut: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
    mend: async () => void (await listen(port)),
  };
}
