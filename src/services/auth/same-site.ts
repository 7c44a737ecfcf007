/** Whether a form may have been sent by a page of ours: judged by what browsers say and pages cannot forge. */
import type { IncomingHttpHeaders } from "node:http";

/**
 * False for a post from another site. `Sec-Fetch-Site` decides; browsers send it to https and localhost only, so without
 * it `Origin` does. True when neither is there: that is no browser, and who is no browser has no cookie that somebody
 * else could use.
 */
export function mayBeFromOurPage(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  return headers.origin === undefined || headers.origin === new URL(publicUrl).origin;
}
