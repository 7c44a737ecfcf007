/**
 * The event catalogue: who asks for what, which event says that it happened, who listens. Derived from the services
 * that run; of the founding note it takes the order and the words.
 */
import { Type, type Static } from "typebox";
import { policies, roles, type Policy } from "../../people/policy.ts";
import { Nullable } from "../../platform/contract.ts";
import type { EventContract } from "../../platform/contract.ts";
import type { Route } from "../../platform/http/route.ts";
import type { Service } from "../../platform/service.ts";
import { allContracts } from "../services.ts";
import { noteQueries, noteRows, type NoteRow, type Trigger } from "./catalogue-rows.ts";
import { fieldsOf } from "./fields.ts";

const Texts = Type.Array(Type.String());
const Listener = Type.Object({ service: Type.String(), consumer: Type.String(), command: Type.String() });

/** What `getEventCatalogue` answers. */
export const Catalogue = Type.Object({
  rows: Type.Array(
    Type.Object({
      number: Type.String(),
      actors: Texts,
      data: Type.Array(Type.Object({ name: Type.String(), field: Type.String() })),
      commands: Texts,
      event: Nullable(Type.String()),
      service: Type.String(),
      notes: Type.String(),
    }),
  ),
  chains: Type.Array(Type.Object({ events: Texts, commands: Texts, service: Type.String(), consumer: Type.String() })),
  contexts: Type.Array(
    Type.Object({
      event: Type.String(),
      kind: Type.String(),
      producer: Type.String(),
      consumers: Texts,
      fields: Texts,
    }),
  ),
  commands: Type.Array(
    Type.Object({
      operationId: Type.String(),
      command: Type.String(),
      service: Type.String(),
      roles: Texts,
      summary: Type.String(),
    }),
  ),
  queries: Type.Array(
    Type.Object({
      operationId: Type.String(),
      asks: Nullable(Type.String()),
      service: Type.String(),
      roles: Texts,
      summary: Type.String(),
    }),
  ),
  events: Type.Array(
    Type.Object({
      type: Type.String(),
      version: Type.Integer(),
      kind: Type.String(),
      source: Type.String(),
      key: Nullable(Type.String()),
      summary: Type.String(),
      /** False for a version that is only read any more. */
      written: Type.Boolean(),
      fields: Type.Array(Type.Object({ name: Type.String(), holds: Type.String(), required: Type.Boolean() })),
      consumers: Type.Array(Listener),
    }),
  ),
});
export type Catalogue = Static<typeof Catalogue>;

/** The catalogue of these services, as they are; `catalogueProblems` says whether the founding note is kept. */
export function eventCatalogue(services: readonly Service[]): Catalogue {
  return {
    rows: noteRows.flatMap((row) => rowOf(row, services)),
    chains: chainsOf(services),
    contexts: contextsOf(services),
    commands: services.flatMap((service) =>
      service.routes.flatMap((route) =>
        route.kind === "command" ? [{ ...operation(route, service), command: route.command }] : [],
      ),
    ),
    queries: queriesOf(services),
    events: allContracts(services)
      .map((contract) => eventOf(contract, services))
      .toSorted(byTypeAndVersion),
  };
}

/** The commands of a route, a consumer or a row are written with commas between them. */
export function commandsOf(text: string): string[] {
  return text.split(", ");
}

/** The service of a row: it carries out all its commands and publishes its event. */
export function ownerOf(row: NoteRow, services: readonly Service[]): Service | undefined {
  return services.find(
    (service) =>
      row.commands.every((command) => carriesOut(service, command)) &&
      (row.event === null || publishes(service, row.event)),
  );
}

function rowOf(row: NoteRow, services: readonly Service[]): Catalogue["rows"] {
  const owner = ownerOf(row, services);
  if (owner === undefined) return [];
  const routes = owner.routes.filter((route) => route.kind === "command" && row.commands.includes(route.command));
  // A button beside the schedule belongs into the actor's column also where the note names the schedule only.
  const byHand = row.triggers.includes("popug") || row.triggers.includes("schedule");
  const people = byHand && routes.length > 0 ? [`popug (${rolesOf(routes).join(", ")})`] : [];
  const others = row.triggers.filter((trigger) => trigger !== "popug").map(triggerInWords);
  return [
    {
      number: row.number,
      actors: row.triggers.includes("popug") ? [...people, ...others] : [...others, ...people],
      data: Object.entries(row.data).map(([name, field]) => ({ name, field: field.slice(field.indexOf("/") + 1) })),
      commands: [...row.commands],
      event: row.event,
      service: owner.name,
      notes: row.notes,
    },
  ];
}

/** Whether people or events make the service do this; what only a schedule does is in its source. */
export function carriesOut(service: Service, command: string): boolean {
  return (
    service.routes.some((route) => route.kind === "command" && commandsOf(route.command).includes(command)) ||
    service.consumers.some((consumer) => commandsOf(consumer.command).includes(command))
  );
}

/** Whether any version of the event is written by the service. */
export function publishes(service: Service, type: string): boolean {
  return service.publishes.some((contract) => contract.type === type);
}

function triggerInWords(trigger: Trigger): string {
  if (typeof trigger === "string") return trigger;
  return "event" in trigger ? trigger.event : trigger.alongside;
}

function rolesOf(routes: readonly Route[]): string[] {
  const allowed = new Set(
    routes.flatMap((route) => {
      const policy: readonly string[] | "anonymous" = policies[route.policy as Policy].roles;
      return policy === "anonymous" ? ["anyone"] : policy;
    }),
  );
  return roles.every((role) => allowed.has(role)) ? ["any role"] : [...allowed];
}

function operation(route: Route, service: Service) {
  return { operationId: route.operationId, service: service.name, roles: rolesOf([route]), summary: route.summary };
}

function queriesOf(services: readonly Service[]): Catalogue["queries"] {
  const asked = new Map(Object.entries(noteQueries).map(([question, operationId]) => [operationId, question]));
  return services.flatMap((service) =>
    service.routes
      .filter((route) => route.kind === "query")
      .map((route) => ({ ...operation(route, service), asks: asked.get(route.operationId) ?? null })),
  );
}

function chainsOf(services: readonly Service[]): Catalogue["chains"] {
  return services.flatMap((service) =>
    service.consumers.map((consumer) => ({
      events: typesOf(consumer.events),
      commands: commandsOf(consumer.command),
      service: service.name,
      consumer: consumer.name,
    })),
  );
}

function typesOf(contracts: readonly EventContract[]): string[] {
  return [...new Set(contracts.map(({ type }) => type))];
}

function contextsOf(services: readonly Service[]): Catalogue["contexts"] {
  return services.flatMap((producer) =>
    producer.publishes.map((contract) => ({
      event: contract.type,
      kind: contract.kind,
      producer: producer.name,
      consumers: services.filter((service) => listenersOf(contract, [service]).length > 0).map(({ name }) => name),
      fields: Object.keys(contract.schema.properties),
    })),
  );
}

function listenersOf(contract: EventContract, services: readonly Service[]) {
  return services.flatMap((service) =>
    service.consumers
      .filter((one) => one.source === contract.source && one.events.some(({ type }) => type === contract.type))
      .map((one) => ({ service: service.name, consumer: one.name, command: one.command })),
  );
}

function eventOf(contract: EventContract, services: readonly Service[]): Catalogue["events"][number] {
  const { type, version, kind, source, key, summary } = contract;
  const written = services.some((service) => service.publishes.includes(contract));
  return {
    ...{ type, version, kind, source, key, summary, written },
    fields: fieldsOf(contract.schema),
    consumers: listenersOf(contract, services),
  };
}

function byTypeAndVersion(a: { source: string; type: string; version: number }, b: typeof a): number {
  const [left, right] = [`${a.source} ${a.type}`, `${b.source} ${b.type}`];
  return left === right ? a.version - b.version : left < right ? -1 : 1;
}
