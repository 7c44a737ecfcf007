import type { operations } from "./schema.gen.ts";

/** What may be asked in the address of a request: `Query<"listMails">["kind"]`. */
export type Query<Operation extends keyof operations> = Required<
  NonNullable<operations[Operation]["parameters"]["query"]>
>;

/** Each value of a union, in the order given: `everyOf<Kind>({ a: 1, b: 1 })`. One that the API has gained or lost is a compile error. */
export const everyOf = <Value extends string>(values: Readonly<Record<Value, 1>>) =>
  Object.keys(values) as unknown as readonly Value[];
