/** What the picture of the flow is made of: who says what to whom, how fast, and how well it goes. */
import type { operations } from "../../api/schema.gen.ts";

export type Flow = operations["getFlow"]["responses"][200]["content"]["application/json"];
export type FlowService = Flow["services"][number];
export type FlowEvent = operations["listFlowEvents"]["responses"][200]["content"]["application/json"]["items"][number];

export type Link = { id: string; source: string; target: string; types: string[]; perSecond: number; labels: string[] };

/** One line per pair of services, over all consumers between them; what a service says to itself is left out. */
export function linksOf(flow: Flow): Link[] {
  const links = new Map<string, Link>();
  const rateOf = new Map(flow.rates.map((rate) => [`${rate.source} ${rate.type}`, rate.perSecond]));
  for (const { service, source, types } of flow.consumers) {
    if (service === source) continue;
    const id = `${source}-${service}`;
    const link = links.get(id) ?? { id, source, target: service, types: [], perSecond: 0, labels: [] };
    for (const type of types) {
      if (link.types.includes(type)) continue;
      link.types.push(type);
      link.perSecond += rateOf.get(`${source} ${type}`) ?? 0;
    }
    links.set(id, link);
  }
  for (const link of links.values()) link.labels = labelsOf(link.types);
  return [...links.values()];
}

/** `task.*`, `shuffle.*`: what they are about; a type alone of its kind is named in full. */
function labelsOf(types: readonly string[]): string[] {
  const kindOf = (type: string) => type.split(".", 1)[0];
  const kinds = [...new Set(types.map(kindOf))];
  return kinds.map((kind) => {
    const [first = "", second] = types.filter((type) => kindOf(type) === kind);
    return second === undefined ? first : `${kind}.*`;
  });
}

export type Health = "good" | "slow" | "bad";

/** Red: it has stopped or something lies aside. Amber: people notice the lag. */
export function healthOf(service: FlowService): Health {
  if (service.halted.length > 0 || service.deadLetters > 0) return "bad";
  return service.lagSeconds > 5 || service.outboxSeconds > 5 ? "slow" : "good";
}

/** The services that this one talks with, itself included. */
export function neighbours(links: readonly Link[], service: string): Set<string> {
  const near = links.filter((link) => link.source === service || link.target === service);
  return new Set([service, ...near.flatMap((link) => [link.source, link.target])]);
}
