/** Statements in a database of one's own, on one connection. */
import { after } from "node:test";
import { openPool, sqlOn } from "../../src/platform/database.ts";
import type { Sql } from "../../src/platform/service.ts";
import { cloneDatabase } from "../kit/server.ts";

/** Both go when the tests of the file are through. */
export async function ownSql(): Promise<Sql> {
  const database = await cloneDatabase();
  const pool = openPool(database.admin, { schema: "public", size: 1, name: "test", onError: () => {} });
  after(async () => {
    await pool.end();
    await database.drop();
  });
  return sqlOn(pool);
}
