/**
 * Contracts: what services say to each other.
 *
 * An event version is one value made from one TypeBox schema. The static type, the validators of both sides,
 * the JSON Schema file, the AsyncAPI document and the catalogue all derive from it.
 * Writer closed (an unknown field is a mistake of ours), reader open (an added field breaks nobody).
 */
import { Type, type Static, type TObject, type TSchema } from "typebox";
import { Compile } from "typebox/compile";

/**
 * - `cud`: carries the full state of an entity and its version; keyed by the entity.
 * - `business`: a fact; keyed by the entity it is about.
 * - `barrier`: emitted into every partition; the sequencer writes the control totals of its period into it.
 */
export type EventKind = "cud" | "business" | "barrier";

/** One version of one event. `Data` is what handlers read, after validation. */
export type EventContract<Data = unknown, Name extends string = string> = {
  readonly type: Name;
  readonly version: number;
  readonly source: string;
  readonly kind: EventKind;
  readonly summary: string;
  /** The property of the data by which events are ordered; null: the emitter names a partition (or it is a barrier). */
  readonly key: string | null;
  readonly schema: TObject;
  /** Null when the data may be written; else the first reason why not. Refuses unknown fields. */
  readonly writeProblem: (data: unknown) => string | null;
  /** Null when the data may be read; else the first reason why not. Ignores unknown fields. */
  readonly readProblem: (data: unknown) => string | null;
  /** The neighbour below: data of version − 1 can be lifted to this version, and back. */
  readonly previous?: {
    readonly contract: EventContract;
    readonly up: (older: unknown) => unknown;
    readonly down: (newer: unknown) => unknown;
  };
  /** Carries the static type only; never read. */
  readonly dataType?: Data;
};

export type DataOf<C> = C extends EventContract<infer D> ? D : never;

type Spec<S extends TObject, Older, Name extends string> = {
  type: Name;
  version?: number;
  source: string;
  kind: EventKind;
  summary: string;
  key: (keyof Static<S> & string) | null;
  data: S;
  previous?: {
    contract: EventContract<Older>;
    up: (older: Older) => Static<S>;
    down: (newer: Static<S>) => Older;
  };
};

/** Makes a contract value. Its file is named after it: `contracts/<source>/<type>.v<version>.ts`. */
export function defineEvent<const S extends TObject, const Name extends string, Older = never>(
  spec: Spec<S, Older, Name>,
): EventContract<Static<S>, Name> {
  const schema = spec.data;
  return {
    type: spec.type,
    version: spec.version ?? 1,
    source: spec.source,
    kind: spec.kind,
    summary: spec.summary,
    key: spec.key,
    schema,
    writeProblem: problemFinder(closed(schema)),
    readProblem: problemFinder(schema),
    ...(spec.previous && {
      previous: spec.previous as unknown as NonNullable<EventContract["previous"]>,
    }),
  };
}

/** The same schema with `additionalProperties: false` on every object that does not say otherwise. */
export function closed(schema: TSchema): TSchema {
  const seal = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(seal);
    if (node === null || typeof node !== "object") return node;
    const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, seal(value)]));
    return copy["type"] === "object" && !("additionalProperties" in copy) && "properties" in copy
      ? { ...copy, additionalProperties: false }
      : copy;
  };
  return seal(JSON.parse(JSON.stringify(schema))) as TSchema;
}

function problemFinder(schema: TSchema): (data: unknown) => string | null {
  // Compiled on first use: a process that runs one service does not pay for the contracts of all.
  let compiled: ReturnType<typeof Compile> | undefined;
  return (data) => {
    compiled ??= Compile(schema);
    if (compiled.Check(data)) return null;
    const error = compiled.Errors(data)[0];
    return `${error?.instancePath || "/"} ${error?.message ?? "is not valid"}`;
  };
}

/**
 * Lifts or lowers data from the version in which it was written to the version that a consumer reads.
 * Returns undefined when no chain of casts leads there.
 */
export function castData(written: EventContract, wanted: EventContract, data: unknown): unknown {
  if (written.version === wanted.version) return data;
  if (written.version < wanted.version) {
    if (!wanted.previous) return undefined;
    const lower = castData(written, wanted.previous.contract, data);
    return lower === undefined ? undefined : wanted.previous.up(lower);
  }
  if (!written.previous) return undefined;
  return castData(written.previous.contract, wanted, written.previous.down(data));
}

/** Schema pieces that contracts and routes share. */
export const Uuid = Type.String({ format: "uuid" });
export const Timestamp = Type.String({ format: "date-time" });
/** A calendar day in the configured time zone, `2026-11-22`. */
export const Day = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" });
/** Whole minor units (cents); may be negative. */
export const Minor = Type.Integer({ minimum: -9007199254740991, maximum: 9007199254740991 });
/** ISO 4217. */
export const Currency = Type.String({ pattern: "^[A-Z]{3}$" });
export const Nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
/** One of the given words. */
export const OneOf = <const W extends readonly string[]>(words: W) =>
  Type.Unsafe<W[number]>(Type.String({ enum: [...words] }));
