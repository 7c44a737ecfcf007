/** Write-offs: debts of people who left that were given up, or wait for a second person. */
import { Type } from "typebox";
import { Minor, Nullable, OneOf, Timestamp, Uuid } from "../../../platform/contract.ts";
import { page, Page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { entryIdOf } from "../entry.ts";
import { DEBT_SOURCE } from "../write-off.ts";
import { listWriteOffs, type WriteOffRow } from "../write-off-store.ts";

/** A write-off as the API shows it. */
export const WriteOff = Type.Object({
  id: Uuid,
  status: OneOf(["waiting", "posted"]),
  userId: Uuid,
  userName: Nullable(Type.String()),
  amountMinor: Minor,
  reason: Type.String(),
  requestedBy: Uuid,
  requestedByName: Nullable(Type.String()),
  requestedAt: Timestamp,
  approvedBy: Nullable(Uuid),
  approvedByName: Nullable(Type.String()),
  postedAt: Nullable(Timestamp),
  /** The line of the books. */
  entryId: Nullable(Type.String()),
});

export function showWriteOff(row: WriteOffRow) {
  const { id, userId, amountMinor, reason, requestedBy, approvedBy, period, partition, position } = row;
  const { userName, requestedByName, approvedByName } = row;
  const place = { source: DEBT_SOURCE, epoch: 0, partition, leg: 0 };
  return {
    ...{ id, userId, amountMinor, reason, requestedBy, approvedBy },
    ...{ userName, requestedByName, approvedByName },
    status: period === null ? ("waiting" as const) : ("posted" as const),
    requestedAt: row.requestedAt.toISOString(),
    postedAt: row.postedAt?.toISOString() ?? null,
    entryId: period === null || position === null ? null : entryIdOf({ ...place, period, position }),
  };
}

export const writeOffQueries: Route[] = [
  query({
    operationId: "listWriteOffs",
    method: "GET",
    path: "/write-offs",
    policy: "accounts.all",
    summary: "Debts that were given up or wait for a second person, newest first.",
    query: Type.Object({
      ...pageParameters,
      userId: Type.Optional(Uuid),
      waiting: Type.Optional(Type.Boolean({ description: "only those that wait for a second person" })),
    }),
    response: Page(WriteOff),
    handle: async ({ sql }, { query: { limit = 50, cursor, userId, waiting = false } }) => {
      const before = readCursor(cursor)?.[0];
      const which = { userId, waiting, before: before === undefined ? null : String(before) };
      return page(await listWriteOffs(sql, which, limit + 1), limit, (row) => [row.id], showWriteOff);
    },
  }),
];
