/** Cursor pagination: `?limit=&cursor=`; a page says where the next one begins, or null at the end. */
import { Type, type TSchema } from "typebox";
import { Nullable } from "../contract.ts";
import { Refusal } from "../refusal.ts";

export const MAX_PAGE = 500;

/** The query parameters of a list; spread into the route's query schema. */
export const pageParameters = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 500, description: "nextCursor of the page before" })),
};

/** The shape of one page of a list. */
export const Page = <S extends TSchema>(item: S) =>
  Type.Object({ items: Type.Array(item), nextCursor: Nullable(Type.String()) });

/** Reads a cursor made by `page`; a text that is none is refused. Undefined on the first page. */
export function readCursor(cursor: string | undefined): (string | number | null)[] | undefined {
  if (cursor === undefined) return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.every((p) => p === null || typeof p === "string" || typeof p === "number")) {
      return parts;
    }
  } catch {
    // Falls through to the refusal: whatever the text is, it did not come from us.
  }
  throw new Refusal("invalid", "bad-cursor", "The cursor is not one that this list has given out.");
}

/**
 * Makes a page of rows that were read with `limit + 1`.
 * @param position the sort key of a row, which `readCursor` gives back for the next page
 */
export function page<Row, Item>(
  rows: Row[],
  limit: number,
  position: (row: Row) => (string | number | null)[],
  show: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor =
    rows.length > limit && last !== undefined
      ? Buffer.from(JSON.stringify(position(last))).toString("base64url")
      : null;
  return { items: shown.map(show), nextCursor };
}
