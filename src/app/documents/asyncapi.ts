/** The AsyncAPI 3.0 document: what can be subscribed to, for those who are not in this repository. */
import type { EventContract } from "../../platform/contract.ts";
import type { Service } from "../../platform/service.ts";
import { allContracts } from "../services.ts";
import { envelope } from "./envelope.ts";

const messageName = ({ type, version }: EventContract) => `${type}.v${version}`;

/** One channel per source, one message per event version, a `send` per writer and a `receive` per consumer. */
export function asyncApi(services: readonly Service[], version: string): object {
  const contracts = allContracts(services).toSorted((a, b) => (messageName(a) < messageName(b) ? -1 : 1));
  const sources = services.filter((service) => service.publishes.length > 0);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Popug events",
      version,
      description:
        "Each source is a log of 16 partitions with contiguous positions. Delivery is at least once; " +
        "an event at or below the position that was handled last is a duplicate.",
    },
    defaultContentType: "application/cloudevents+json",
    channels: Object.fromEntries(
      sources.map(({ name }) => [
        name,
        {
          address: name,
          title: `Events of ${name}`,
          messages: Object.fromEntries(
            contracts
              .filter((contract) => contract.source === name)
              .map((contract) => [messageName(contract), reference("messages", messageName(contract))]),
          ),
        },
      ]),
    ),
    operations: Object.fromEntries([
      ...sources.map((service) => [`${service.name}.send`, sendOf(service)]),
      ...services.flatMap((service) =>
        service.consumers.map((one) => [
          `${service.name}.${one.name}`,
          {
            action: "receive",
            channel: { $ref: `#/channels/${one.source}` },
            summary: `${service.name}: ${one.command}`,
            messages: one.events.map((contract) => inChannel(one.source, contract)),
          },
        ]),
      ),
    ]),
    components: {
      messages: Object.fromEntries(contracts.map((contract) => [messageName(contract), messageOf(contract)])),
      schemas: {
        envelope,
        ...Object.fromEntries(
          contracts.map((contract) => [messageName(contract), JSON.parse(JSON.stringify(contract.schema)) as object]),
        ),
      },
    },
  };
}

function sendOf(service: Service) {
  return {
    action: "send",
    channel: { $ref: `#/channels/${service.name}` },
    summary: `What ${service.name} says`,
    messages: service.publishes.map((contract) => inChannel(service.name, contract)),
  };
}

function messageOf(contract: EventContract) {
  return {
    name: contract.type,
    title: `${contract.type} v${contract.version}`,
    summary: contract.summary,
    contentType: "application/cloudevents+json",
    payload: {
      allOf: [
        reference("schemas", "envelope"),
        {
          type: "object",
          properties: { type: { const: contract.type }, data: reference("schemas", messageName(contract)) },
        },
      ],
    },
  };
}

function reference(kind: "messages" | "schemas", name: string) {
  return { $ref: `#/components/${kind}/${name}` };
}

function inChannel(source: string, contract: EventContract) {
  return { $ref: `#/channels/${source}/messages/${messageName(contract)}` };
}
