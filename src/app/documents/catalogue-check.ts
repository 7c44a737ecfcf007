/** Whether the services that run keep the founding note: each row, chain, context and query of it is looked up in them. */
import type { Consumer, Service } from "../../platform/service.ts";
import { carriesOut, type Catalogue, commandsOf, eventCatalogue, ownerOf, publishes } from "./catalogue.ts";
import { noteChains, noteContexts, noteQueries, noteRows, type NoteRow, type Trigger } from "./catalogue-rows.ts";

/** Every discrepancy, as a sentence; none when the note is kept. */
export function catalogueProblems(services: readonly Service[]): string[] {
  const catalogue = eventCatalogue(services);
  return [
    ...noteRows.flatMap((row) => rowProblems(row, services).map((problem) => `${row.number}: ${problem}`)),
    ...missingChains(catalogue),
    ...missingContexts(catalogue),
    ...missingQueries(catalogue),
  ];
}

function rowProblems(row: NoteRow, services: readonly Service[]): string[] {
  const owner = ownerOf(row, services);
  const fields = Object.entries(row.data)
    .filter(([, field]) => !fieldExists(field, services))
    .map(([word, field]) => `${word} should be carried by ${field}, which does not exist`);
  if (owner !== undefined)
    return [...row.triggers.flatMap((one) => missingTrigger(one, row.commands, owner) ?? []), ...fields];
  const names = row.commands.join(", ");
  const able = services.some((service) => row.commands.every((command) => carriesOut(service, command)));
  return [able ? `who carries out ${names} does not publish ${row.event}` : `nobody carries out ${names}`, ...fields];
}

function missingTrigger(trigger: Trigger, commands: readonly string[], owner: Service): string | null {
  const names = commands.join(", ");
  if (trigger === "popug") {
    const found = owner.routes.some((route) => route.kind === "command" && commands.includes(route.command));
    return found ? null : `no route of ${owner.name} lets people ask for ${names}`;
  }
  if (trigger === "schedule") return owner.jobs.length > 0 ? null : `${owner.name} has no job that could do ${names}`;
  if ("alongside" in trigger) {
    return publishes(owner, trigger.alongside) ? null : `${owner.name} does not publish ${trigger.alongside}`;
  }
  const found = commands.every((command) => owner.consumers.some((one) => listens(one, trigger.event, command)));
  return found ? null : `no consumer of ${owner.name} does ${names} on ${trigger.event}`;
}

function listens(consumer: Consumer, event: string, command: string): boolean {
  return consumer.events.some(({ type }) => type === event) && commandsOf(consumer.command).includes(command);
}

function fieldExists(path: string, services: readonly Service[]): boolean {
  const [type, field] = path.split("/");
  return services.some((service) =>
    service.publishes.some(
      (contract) => contract.type === type && field !== undefined && field in contract.schema.properties,
    ),
  );
}

function missingChains({ chains }: Catalogue): string[] {
  return noteChains.flatMap(({ events, commands }) =>
    events.flatMap((event) =>
      commands
        .filter((command) => !chains.some((chain) => chain.events.includes(event) && chain.commands.includes(command)))
        .map((command) => `chain: nobody does ${command} on ${event}`),
    ),
  );
}

function missingContexts({ contexts }: Catalogue): string[] {
  return noteContexts.flatMap(({ event, kind, from, to, fields }) => {
    const found = contexts.find((context) => context.event === event && context.producer === from);
    if (found === undefined) return [`context: ${from} does not publish ${event}`];
    return [
      ...(found.kind === kind ? [] : [`context: ${event} is ${found.kind}, not ${kind}`]),
      ...to
        .filter((name) => !found.consumers.includes(name))
        .map((name) => `context: ${name} does not listen to ${event}`),
      ...fields.filter((name) => !found.fields.includes(name)).map((name) => `context: ${event} carries no ${name}`),
    ];
  });
}

function missingQueries({ queries }: Catalogue): string[] {
  return Object.entries(noteQueries)
    .filter(([, operationId]) => !queries.some((query) => query.operationId === operationId))
    .map(([question, operationId]) => `query: ${operationId}, which answers "${question}", does not exist`);
}
