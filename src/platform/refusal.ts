/**
 * Errors are of two kinds. A `Refusal` was understood, and the answer is no: it has a kind, a stable code and a text
 * for people. Everything else that is thrown is a defect: logged in full, told to nobody outside.
 */

/** What kind of no it is; only `platform/http` knows which status number belongs to each. */
export type RefusalKind =
  | "invalid" // the request makes no sense as it stands
  | "unauthenticated" // nobody, or nobody any more
  | "forbidden" // somebody, but not somebody who may
  | "not-found"
  | "wrong-method" // there is something, but nothing that can be done to it like this
  | "conflict" // the state of things does not allow it (any more)
  | "too-large"
  | "too-many"
  | "unavailable"; // not now; the same request may go through later

/** One field that is wrong and why, for forms. */
export type FieldProblem = { path: string; message: string };

/** The answer is no. What the API can say so is listed from the places where these are made. */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  /** Stable, in kebab case, listed in the API's documentation; scripts may rely on it. */
  readonly code: string;
  readonly fields: FieldProblem[];
  /** Seconds after which trying again makes sense, for `too-many` and `unavailable`. */
  readonly retryAfterSeconds: number | undefined;
  /** Who was refused, where that is known before the request has an actor; for the log only. */
  readonly userId: string | undefined;

  constructor(
    kind: RefusalKind,
    code: string,
    text: string,
    more: { fields?: FieldProblem[]; retryAfterSeconds?: number; userId?: string; cause?: unknown } = {},
  ) {
    super(text, { cause: more.cause });
    this.name = "Refusal";
    this.kind = kind;
    this.code = code;
    this.fields = more.fields ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.userId = more.userId;
  }
}

/** One that only the command line says, never the API: it stands in no list of the API's refusals. */
export class LocalRefusal extends Refusal {}
