/** Requests that change something count with the cookie only when a page of ours has sent them. */
import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "../../../platform/refusal.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Three locks, each enough by itself against what browsers do today: the cookie is `SameSite=Lax`; `Sec-Fetch-Site` (or,
 * where a browser does not send it, `Origin`) has to say that the page is ours; and the header `X-Popug: 1` cannot be
 * sent across origins without our leave, which nobody gets.
 * @throws Refusal `cross-site`
 */
export function assertFromOurPages(method: string, headers: IncomingHttpHeaders, publicUrl: string): void {
  if (SAFE.has(method)) return;
  if (isFromOurOrigin(headers, publicUrl) && headers["x-popug"] === "1") return;
  throw new Refusal(
    "forbidden",
    "cross-site",
    "This request may come from a page of another site. Requests with the cookie need the header X-Popug: 1.",
  );
}

/** Whether a browser says that a page of our origin has sent this. What says nothing is not believed. */
export function isFromOurOrigin(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  const site = headers["sec-fetch-site"];
  const { origin } = headers;
  if (origin !== undefined && origin !== "null" && origin !== new URL(publicUrl).origin) return false;
  return site === undefined ? origin !== undefined && origin !== "null" : site === "same-origin";
}
