/** Requests that were refused for want of a right are noted, so that somebody who tries doors is seen. */
import type { FastifyRequest } from "fastify";
import type { Refusal } from "../refusal.ts";

/** Lines per second of one process; of what comes beyond, the number is noted. */
const LINES_PER_SECOND = 10;

/**
 * Makes a note of each: when, who, what and why, by ids and the route's own words, never what the request brought. A flood
 * of refusals does not become one of lines.
 */
export function noteRefused(): (request: FastifyRequest, refusal: Refusal, userId: string | undefined) => void {
  let second = 0;
  let lines = 0;
  let unnoted = 0;
  return (request, refusal, userId) => {
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) {
      second = now;
      lines = 0;
    }
    if (lines >= LINES_PER_SECOND) {
      unnoted++;
      return;
    }
    lines++;
    const { method, url } = request.routeOptions;
    const about = { code: refusal.code, method: String(method), route: url, userId: userId ?? null };
    request.log.warn({ ...about, ...(unnoted > 0 && { unnoted }) }, "refused");
    unnoted = 0;
  };
}
