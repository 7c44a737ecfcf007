/** Random access to a long list without offsets: where each page of it begins. */
import { Type, type Static } from "typebox";
import { Uuid } from "../../../platform/contract.ts";
import type { QueryCtx } from "../../../platform/service.ts";
import { conditionsOf, listFilter } from "./list-tasks.ts";

/** The smallest page, and how many pages a list has at most: beyond it the pages grow instead. */
const PAGE = 100;
const MAX_PAGES = 2_000;
/** The page size of the API; what lies behind the last page of this size is found by search. */
const MAX_PAGE = 500;

export const TaskPagesFilter = Type.Object(listFilter);

export const TaskPages = Type.Object({
  total: Type.Integer({ minimum: 0 }),
  pageSize: Type.Integer({ minimum: 1 }),
  firstIds: Type.Array(Uuid, {
    description: "id of the first task of each page; page n is listTasks with from=firstIds[n], until=firstIds[n + 1]",
  }),
});

/** Count and beginnings of pages, in one pass over the index. New tasks do not move them: they are newer than the first. */
export async function taskPages(
  ctx: Pick<QueryCtx, "sql">,
  filter: Static<typeof TaskPagesFilter>,
): Promise<Static<typeof TaskPages>> {
  const params: unknown[] = [];
  const where = conditionsOf(filter, params);
  const [count] = await ctx.sql<{ total: number }>(
    `select count(*)::int as total from task where ${where.join(" and ")}`,
    params,
  );
  const total = count?.total ?? 0;
  const pageSize = Math.min(MAX_PAGE, Math.max(PAGE, Math.ceil(total / MAX_PAGES)));
  const rows = await ctx.sql<{ id: string }>(
    `select task_id as id
       from (select task_id, row_number() over (order by task_id desc) as row from task where ${where.join(" and ")}) listed
      where row % $${params.length + 1} = 1 order by row limit ${MAX_PAGES}`,
    [...params, pageSize],
  );
  return { total, pageSize, firstIds: rows.map((row) => row.id) };
}
