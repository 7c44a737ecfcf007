/** As many streams of changes as a process carries, each a connection of its own. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startTestApp } from "../kit/app.ts";
import { until } from "../kit/until.ts";

const MOST = 1_000;
const MOST_OF_ONE = 30;

const crowd = Array.from({ length: Math.ceil(MOST / MOST_OF_ONE) + 1 }, (_, i) => `worker${i + 1}`);
const app = await startTestApp({ people: crowd.length });
after(() => app.stop());

/** Opens so many streams of one person. */
async function open(login: string, count: number) {
  const headers = { authorization: `Bearer ${await app.as(login).token()}` };
  return Promise.all(
    Array.from({ length: count }, async () => {
      const abort = new AbortController();
      const response = await fetch(`${app.url}/api/changes`, { headers, signal: abort.signal });
      return { response, close: () => abort.abort() };
    }),
  );
}

test("a thousand streams are open at once; one more is refused as unavailable, until one of them goes", async () => {
  const streams = [];
  for (const login of crowd.slice(0, -1)) {
    streams.push(...(await open(login, Math.min(MOST_OF_ONE, MOST - streams.length))));
  }
  assert.equal(streams.filter(({ response }) => response.status === 200).length, MOST);
  const late = crowd.at(-1) ?? assert.fail();
  const [refused] = await open(late, 1);
  assert.equal(refused?.response.status, 503);
  assert.equal(refused.response.headers.get("retry-after"), "5");
  const { code } = (await refused.response.json()) as { code: string };
  assert.equal(code, "too-many-streams");

  streams.pop()?.close();
  const opened = await until(async () => (await open(late, 1)).find(({ response }) => response.status === 200), {
    ...{ withinMs: 30_000, everyMs: 20, late: () => "the place of one that went is not given to another" },
  });
  for (const { close } of [...streams, opened]) close();
});
