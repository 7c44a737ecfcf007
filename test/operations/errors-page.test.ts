/** Where the `type` of a refusal leads. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { byCode, findRefusals } from "../../src/app/documents/refusals.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({ people: [], loops: false });
});
after(() => app.stop());

test("the type of a refusal leads to a page that anybody may read, and to the place that says what it means", async () => {
  const refused = await app.as("admin").get("/tasks/0198c0de-0000-7000-8000-000000000001");
  assert.equal(refused.status, 404);
  const address = new URL(refused.body.type, `${app.url}/api/tasks/x`);
  const response = await fetch(address);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  const page = await response.text();
  const place = page.indexOf(`<dt id="${refused.body.code}">`);
  assert(place >= 0 && address.hash === `#${refused.body.code}`, `${address.hash} is nowhere`);
  const meaning = page.slice(place, page.indexOf("<dt ", place + 1));
  assert(meaning.includes("404 not-found") && meaning.includes(refused.body.title), meaning);
});

test("each code has one place on it, defects too", async () => {
  const page = await (await fetch(`${app.url}/docs/errors`)).text();
  const shown = [...page.matchAll(/<dt id="([^"]+)">/g)].map(([, code]) => code);
  const codes = byCode(await findRefusals(new URL("../../src", import.meta.url).pathname)).map(({ code }) => code);
  assert.deepEqual(shown, codes);
  assert(codes.includes("internal-error"));
  // What only the command line can say is not among the API's.
  for (const local of ["rebuild-runs", "not-empty", "rotation-under-way"]) assert(!codes.includes(local), local);
});

test("the page speaks the browser's language and lets nothing foreign in", async () => {
  const ask = (language: string) => fetch(`${app.url}/docs/errors`, { headers: { "accept-language": language } });
  for (const [language, title] of [
    ["en", "Refusals of the API"],
    ["ru", "Отказы API"],
  ] as const) {
    const response = await ask(language);
    const page = await response.text();
    assert(page.includes(`<html lang="${language}">`) && page.includes(`<h1>${title}</h1>`));
    assert.doesNotMatch(page, /<script(?! src="\/[a-z])|<style|style=|https?:\/\//);
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; style-src 'self'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
  }
  assert.equal((await fetch(`${app.url}/login/style.css`)).status, 200);
});
