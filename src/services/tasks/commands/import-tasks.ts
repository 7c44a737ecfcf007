/** `task.create` for many: all of them, or the good ones, as asked; each drawn like any new task, all in one transaction. */
import { Type, type Static } from "typebox";
import { OneOf } from "../../../platform/contract.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { MAX_IMPORT, readCsv, readTitles } from "../import.ts";
import type { Calendar } from "../registration-store.ts";
import { addTasks } from "./create-task.ts";

export const ImportRequest = Type.Object({
  mode: Type.Optional(
    OneOf(["all", "good"]), // "all" unless said otherwise
  ),
  csv: Type.Optional(Type.String({ description: "with a header that names `title` and perhaps `description`" })),
  titles: Type.Optional(Type.Array(Type.String(), { maxItems: MAX_IMPORT })),
});

export const ImportReport = Type.Object({
  created: Type.Integer({ minimum: 0 }),
  rejected: Type.Array(Type.Object({ line: Type.Integer({ minimum: 0 }), reason: Type.String() })),
});

/** How many bad lines a refusal names; the rest is the same kind of work for people. */
const MAX_NAMED = 100;

/**
 * Mode `all` (the default): one bad line, and nothing is imported; the refusal names the lines.
 * Mode `good`: what can be read is imported, the rest is reported.
 */
export async function importTasks(
  ctx: CommandCtx,
  request: Static<typeof ImportRequest>,
  calendar: Calendar,
): Promise<Static<typeof ImportReport>> {
  const { drafts, rejected } = readRequest(request);
  if (rejected.length > 0 && request.mode !== "good") {
    const lines = rejected.length === 1 ? "1 line" : `${rejected.length} lines`;
    throw new Refusal("invalid", "bad-lines", `${lines} cannot be imported, so nothing was.`, {
      fields: rejected.slice(0, MAX_NAMED).map(({ line, reason }) => ({ path: `/line/${line}`, message: reason })),
    });
  }
  if (drafts.length > 0) await addTasks(ctx, drafts, calendar);
  return { created: drafts.length, rejected };
}

function readRequest({ csv, titles }: Static<typeof ImportRequest>) {
  if (csv !== undefined && titles === undefined) return readCsv(csv);
  if (titles !== undefined && csv === undefined) return readTitles(titles);
  throw new Refusal("invalid", "bad-import", "An import is either `csv` or `titles`.");
}
