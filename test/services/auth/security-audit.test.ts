import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { parse } from "csv-parse/sync";
import { auditKinds } from "../../../src/services/auth/security-audit.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

const verify = async (query = "") => (await app.as("admin").get(`/security-audit/verify${query}`)).body;

/** What the owner of the database could do by hand: past the trigger, by switching it off. */
async function tamper(statement: string): Promise<void> {
  await app.owner("alter table auth.security_audit disable trigger append_only");
  await app.owner("alter table auth.security_audit disable trigger chain");
  await app.owner(statement);
  await app.owner("alter table auth.security_audit enable trigger append_only");
  await app.owner("alter table auth.security_audit enable trigger chain");
}

test("entries are chained without gaps, also when many are written at once", async () => {
  await Promise.all(
    Array.from({ length: 60 }, (_, i) => app.as("admin").post("/users", { login: `chain${i}`, name: "Chain" })),
  );
  const entries = await app.owner<{ entry: number; text: string; hash: Buffer }>(
    "select entry, auth.security_audit_text(e) as text, hash from auth.security_audit e order by entry",
  );
  assert.ok(entries.length >= 66);
  let previous: Buffer = Buffer.alloc(0);
  for (const [at, { entry, text, hash }] of entries.entries()) {
    assert.equal(entry, at + 1);
    previous = createHash("sha256").update(previous).update(text, "utf8").digest();
    assert.deepEqual(hash, previous, `entry ${entry}, recomputed elsewhere`);
  }
  assert.deepEqual(await verify(), {
    ok: true,
    entries: entries.length,
    head: previous.toString("hex"),
    firstBroken: null,
  });
});

test("an entry that was changed, taken out, put in or cut off shows", async () => {
  const { head, entries } = await verify();
  await tamper("update auth.security_audit set actor = 'system:nobody' where entry = 5");
  assert.equal((await verify()).firstBroken, 5);
  await tamper(
    "update auth.security_audit set actor = (select actor from auth.security_audit where entry = 4) where entry = 5",
  );
  const [copy] = await app.owner<{ row: string }>(
    "select row_to_json(e)::text as row from auth.security_audit e where entry = 20",
  );
  await tamper("delete from auth.security_audit where entry = 20");
  assert.equal((await verify()).firstBroken, 21);
  await tamper(
    `insert into auth.security_audit select (json_populate_record(null::auth.security_audit, '${copy?.row}')).*`,
  );
  assert.equal((await verify()).ok, true);
  await tamper(`delete from auth.security_audit where entry > ${entries - 3}`);
  assert.equal((await verify()).ok, true, "a cut-off end is seen only with what was kept elsewhere");
  assert.equal((await verify(`?entry=${entries}&hash=${head}`)).ok, false);
});

test("the owner of the tables does not change an entry by mistake either", async () => {
  for (const statement of [
    "update auth.security_audit set kind = 'x'",
    "delete from auth.security_audit",
    "truncate auth.security_audit",
  ]) {
    await assert.rejects(app.owner(statement), /append-only/);
  }
});

test("the audit is listed in pages, filtered, and told to admins only", async () => {
  const first = await app.as("admin").get("/security-audit?limit=3");
  assert.equal(first.body.items.length, 3);
  const second = await app.as("admin").get(`/security-audit?limit=3&cursor=${first.body.nextCursor}`);
  assert.equal(second.body.items[0].entry, first.body.items[2].entry - 1);
  const made = await app.as("admin").get("/security-audit?kind=user.created&limit=500");
  assert.ok(made.body.items.every((entry: { kind: string }) => entry.kind === "user.created"));
  assert.equal((await app.as("admin").get("/security-audit?kind=nonsense")).status, 400);
  const wrong = Buffer.from('["x"]').toString("base64url");
  assert.equal((await app.as("admin").get(`/security-audit?cursor=${wrong}`)).status, 400);
  for (const login of ["worker1", "manager", "accountant"]) {
    for (const path of ["/security-audit", "/security-audit/verify", `/users/${app.people["worker1"]}/history`]) {
      assert.equal((await app.as(login).get(path)).status, 403, `${login} ${path}`);
    }
  }
});

test("as CSV it can be opened anywhere, and no cell of it runs as a formula", async () => {
  const { status, body } = await app.as("admin").post("/security-audit/export", {});
  assert.equal(status, 200);
  const rows: string[][] = parse(body.csv);
  assert.deepEqual(rows[0], ["entry", "at", "kind", "actor", "user_id", "details", "hash"]);
  assert.ok(rows.length > 60);
  for (const cell of rows.flat()) assert.doesNotMatch(cell, /^[=+\-@|%\t\r\n]/);
  const { body: after } = await app.as("admin").get("/security-audit?kind=audit.exported");
  assert.equal(after.items.length, 1);
});

test("there are at least twenty-five kinds of entries, each once", () => {
  assert.ok(auditKinds.length >= 25);
  assert.equal(new Set(auditKinds).size, auditKinds.length);
});
