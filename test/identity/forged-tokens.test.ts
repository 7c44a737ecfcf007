/** The corpus of forged tokens at the doors of all services, over HTTP; what they name is asked of nobody. */
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { loadSecrets } from "../../src/services/auth/secrets.ts";
import { AUDIENCE, issuerOf } from "../../src/services/auth/token.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { forgedTokens, type Maker, tokenWith } from "../people/forged-tokens.ts";

/** What each service would answer to whoever may do everything. */
const doors = {
  auth: "/users",
  tasks: "/tasks",
  accounting: "/standing",
  analytics: "/analytics",
  notifications: "/mails",
};

let app: TestApp;
let maker: Maker;
before(async () => {
  app = await startTestApp({ people: [] });
  const { settings } = app.app.config;
  const [key] = (await loadSecrets(join(app.dataDir, "secrets"))).signingKeys;
  const userId = app.people["admin"] ?? assert.fail();
  maker = { issuer: issuerOf(settings), audience: AUDIENCE, key, userId, now: Math.floor(Date.now() / 1_000) };
});
after(() => app.stop());

const knock = async (path: string, token: string) => {
  const response = await fetch(`${app.url}/api${path}`, { headers: { authorization: `Bearer ${token}` } });
  await response.arrayBuffer();
  return response.status;
};

test(`${forgedTokens.length} forged tokens × ${Object.keys(doors).length} services: none is let in, nothing is fetched for them`, async () => {
  assert.ok(forgedTokens.length >= 100);
  // The good one opens every door, so that it is the forgery that is refused.
  for (const path of Object.values(doors)) assert.equal(await knock(path, tokenWith(maker, {}, {})), 200, path);

  const reached = new Set<string>();
  const note = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    // One without an address is a file of this machine: the way to the database.
    socket.once("connect", () => socket.remoteAddress && reached.add(`${socket.remoteAddress}:${socket.remotePort}`));
  };
  const ours = new Set([new URL(app.url).port, String(app.app.homes.of("auth").installation.admin.port)]);
  subscribe("net.client.socket", note);
  const letIn: string[] = [];
  try {
    for (const [reason, make] of forgedTokens) {
      const token = make(maker);
      for (const [service, path] of Object.entries(doors)) {
        const status = await knock(path, token);
        // 413: longer than the server reads.
        if (status !== 401 && status !== 413) letIn.push(`${reason} at ${service}: ${status}`);
      }
    }
  } finally {
    unsubscribe("net.client.socket", note);
  }
  assert.deepEqual(letIn, []);
  assert.deepEqual(
    [...reached].filter((address) => !ours.has(address.slice(address.lastIndexOf(":") + 1))),
    [],
    "nobody else was asked",
  );
});
