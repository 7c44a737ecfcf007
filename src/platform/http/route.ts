/**
 * Routes as data. A route is a command (one transaction, `Idempotency-Key`) or a query (reads only);
 * its schemas validate requests and describe them in the OpenAPI document.
 */
import type { Static, TObject, TSchema } from "typebox";
import type { CommandCtx, QueryCtx } from "../service.ts";

type Empty = Record<never, never>;
type Shape<S> = S extends TSchema ? Static<S> : Empty;

type RouteSpec<P, Q, B, R extends TSchema> = {
  /** Part of the public contract, camelCase. */
  operationId: string;
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below `/api`, with `:name` for parameters. */
  path: string;
  /** A name in the policy table; boot fails for a route without one. */
  policy: string;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  /** Largest body in bytes, when it is not the server's default of 128 KiB. */
  bodyLimit?: number;
  /**
   * A password or a token stands in the request, or in the answer. Nothing of it is kept with an `Idempotency-Key`, not
   * even a hash: a repeat with the same key is taken for the same request; where the answer is secret, it is refused.
   */
  holdsSecrets?: "request" | "answer";
  response: R;
  /** 200 unless said otherwise. */
  status?: 200 | 201 | 202;
};

export type Request<P = unknown, Q = unknown, B = unknown> = { params: Shape<P>; query: Shape<Q>; body: Shape<B> };

export type Route = RouteSpec<TObject, TObject, TSchema, TSchema> &
  (
    | { kind: "command" /** The note's name, e.g. `task.create`. */; command: string; handle: AnyHandler<CommandCtx> }
    | { kind: "query"; handle: AnyHandler<QueryCtx> }
  );
// oxlint-disable-next-line no-explicit-any -- a list of routes forgets the request types of each
type AnyHandler<C> = (ctx: C, request: any) => Promise<unknown>;

/** A route that changes something: runs in one transaction, and once per `Idempotency-Key`. */
export function command<
  const R extends TSchema,
  const P extends TObject | undefined = undefined,
  const Q extends TObject | undefined = undefined,
  const B extends TSchema | undefined = undefined,
>(
  spec: RouteSpec<P, Q, B, R> & {
    command: string;
    handle: (ctx: CommandCtx, request: Request<P, Q, B>) => Promise<Static<R>>;
  },
): Route {
  return { ...spec, kind: "command" } as unknown as Route;
}

/** A route that only reads. */
export function query<
  const R extends TSchema,
  const P extends TObject | undefined = undefined,
  const Q extends TObject | undefined = undefined,
>(
  spec: RouteSpec<P, Q, undefined, R> & {
    handle: (ctx: QueryCtx, request: Request<P, Q>) => Promise<Static<R>>;
  },
): Route {
  return { ...spec, kind: "query" } as unknown as Route;
}
