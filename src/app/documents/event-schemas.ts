/**
 * The published JSON Schema of each event version, and the guard over it: a version that was published may change only
 * so that every form of it, of then and of now, can be read by every other.
 */
import type { EventContract } from "../../platform/contract.ts";
import { schemaUri } from "../../platform/event.ts";
import { breaksOf, type Break } from "../../platform/schema/compatibility.ts";
import type { Schema } from "../../platform/schema/forms.ts";
import { nameOf } from "./contracts.ts";

type Node = { readonly [keyword: string]: unknown };

/** Notes of a published schema that are not part of what it accepts. */
const NOTES = ["$schema", "$id", "title", "description", "$comment", "x-source", "x-kind", "x-key", "x-earlier"];

/**
 * The schema file of a contract: the reader's form, open. Former forms of the same version stay in it under `x-earlier`.
 * @param published the file as it stands, if there is one
 */
export function schemaFile(contract: EventContract, published: Node | undefined): Node {
  const form = formOf(contract);
  const earlier = published === undefined ? [] : formsIn(published).filter((one) => !same(one, form));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: schemaUri(contract.source, contract.type, contract.version),
    title: `${contract.type} v${contract.version}`,
    description: contract.summary,
    $comment: "The reader's form: unknown fields are ignored. A writer writes the fields named here and no others.",
    "x-source": contract.source,
    "x-kind": contract.kind,
    ...(contract.key !== null && { "x-key": contract.key }),
    ...form,
    ...(earlier.length > 0 && { "x-earlier": earlier }),
  };
}

/** Why a contract cannot replace what is published under its version, a sentence each; none when it can. */
export function changeProblems(contract: EventContract, published: Node): string[] {
  const forms = formsIn(published).map((schema, at) => ({
    name: at === 0 ? "the published form" : `form ${at} before it`,
    schema,
  }));
  return breaksOf(formOf(contract) as Schema, forms).map((one) => sentence(contract, one));
}

function sentence(contract: EventContract, one: Break): string {
  const who =
    one.direction === "backward"
      ? `today's readers refuse what ${one.published} wrote`
      : `readers of ${one.published} refuse what is written today`;
  const example = "example" in one ? `; for example ${JSON.stringify(one.example)}` : "";
  return (
    `${nameOf(contract)}: ${who} (${one.rule} at ${one.pointer || "the root"}${example}). ` +
    `Leave this version as it is, and put the change into a new one with casts to and from its neighbour.`
  );
}

function formOf(contract: EventContract): Node {
  return JSON.parse(JSON.stringify(contract.schema)) as Node;
}

function formsIn(published: Node): Node[] {
  const current = Object.fromEntries(Object.entries(published).filter(([name]) => !NOTES.includes(name)));
  return [current, ...((published["x-earlier"] as Node[] | undefined) ?? [])];
}

function same(a: Node, b: Node): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
