/** Commands with an `Idempotency-Key` take effect once: the key is stored in the command's own transaction. */
import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../refusal.ts";
import type { CommandCtx } from "../service.ts";

/** How long a key is remembered. */
export const IDEMPOTENCY_HOURS = 48;

/** The key of a request, if it has one. */
export function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key !== "string" || !/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new Refusal("invalid", "bad-idempotency-key", "An Idempotency-Key has 1 to 200 visible ASCII characters.");
  }
  return key;
}

/**
 * Runs `work`, or gives the answer that an earlier request with this key got. A second request that comes while the first
 * still runs waits for its transaction. A refusal is not remembered: nothing happened, so trying again is right. Without
 * a key, it just runs.
 * @param secret where a secret stands, of which not even a hash may be stored; the key still makes the command take effect
 * once, and where the answer is secret a repeat is refused
 */
export async function onceByKey<T>(
  ctx: Pick<CommandCtx, "sql" | "actor">,
  key: string | undefined,
  operation: string,
  request: unknown,
  work: () => Promise<T>,
  secret?: "request" | "answer",
): Promise<T> {
  if (key === undefined) return work();
  const fingerprint = createHash("sha256")
    .update(JSON.stringify(secret === undefined ? [operation, request] : [operation]))
    .digest();
  const inserted = await ctx.sql(
    `insert into idempotency (actor, key, operation, request) values ($1, $2, $3, $4)
     on conflict (actor, key) do nothing returning key`,
    [ctx.actor.userId, key, operation, fingerprint],
  );
  if (inserted.length === 0) {
    const [before] = await ctx.sql<{ request: Buffer; answer: T }>(
      "select request, answer from idempotency where actor = $1 and key = $2",
      [ctx.actor.userId, key],
    );
    if (before === undefined) throw new Error("an idempotency key vanished while it was used");
    if (!before.request.equals(fingerprint)) {
      throw new Refusal(
        "conflict",
        "idempotency-key-reused",
        "This Idempotency-Key was used for another request before.",
      );
    }
    if (secret === "answer") {
      throw new Refusal(
        "conflict",
        "answered-once",
        "This was done with this Idempotency-Key before; its answer holds a secret and is shown only once.",
      );
    }
    return before.answer;
  }
  const answer = await work();
  await ctx.sql("update idempotency set answer = $3 where actor = $1 and key = $2", [
    ctx.actor.userId,
    key,
    JSON.stringify(secret === "answer" ? null : answer),
  ]);
  return answer;
}
