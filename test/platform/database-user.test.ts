import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { type Installation, prepareDatabase } from "../../src/platform/migrate.ts";
import { StartRefused } from "../../src/platform/start-refused.ts";
import { onServer, testServer } from "../kit/server.ts";
import { ears, notes } from "./small.ts";

const { admin } = await testServer();
const run = randomUUID().slice(0, 8);
const [owner, database, rolePrefix] = [`owner_${run}`, `owned_${run}`, `roles_${run}`];
const asAdmin = (text: string) => onServer(admin, async (client) => (await client.query<{ name: string }>(text)).rows);
await asAdmin(`create role ${owner} login password 'parrot' nocreaterole`);
await asAdmin(`create database ${database} encoding 'UTF8' template template0`);
after(async () => {
  await asAdmin(`drop database if exists ${database}`);
  const roles = await asAdmin(`select rolname as name from pg_roles where starts_with(rolname, '${rolePrefix}_')`);
  for (const { name } of [...roles, { name: owner }]) await asAdmin(`drop role ${name}`);
});

const installation: Installation = {
  admin: { ...admin, database, user: owner, password: "parrot" },
  rolePrefix,
  roleSecret: "of this test",
  demo: false,
};
const start = () => prepareDatabase(installation, [notes(), ears()]);
const refused = (error: unknown) =>
  error instanceof StartRefused &&
  error.message.includes(owner) &&
  /permission denied.* own the database and be allowed to create roles/.test(error.message);

test("a database user who may do too little is refused with what is missing", async () => {
  await assert.rejects(start, refused, "may not create roles");
  await asAdmin(`alter role ${owner} createrole`);
  await assert.rejects(start, refused, "may not create schemas in a database of others");
});

test("a database user who owns the database and may create roles need not be a superuser, at each start", async () => {
  await asAdmin(`alter database ${database} owner to ${owner}`);
  await asAdmin(`alter role ${owner} createrole`);
  await start();
  await start();
});
