/** The envelope of every event as JSON Schema: CloudEvents 1.0 and our extensions, as `toCloudEvent` writes it. */
import { PARTITIONS } from "../../platform/event.ts";

const text = (description: string, more: object = {}) => ({ type: "string", description, ...more });

/** Without `$schema` and `$id`, so that it can stand in other documents. */
export const envelope = {
  title: "Envelope",
  description: "CloudEvents 1.0 in structured JSON. `data` follows the schema that `dataschema` names.",
  type: "object",
  required: [
    ..."specversion id source type subject time datacontenttype dataschema".split(" "),
    ..."partitionkey partition sequence epoch correlationid actor command data".split(" "),
  ],
  properties: {
    specversion: { const: "1.0" },
    id: text("UUIDv7; the same for ever, however often the event is delivered.", { format: "uuid" }),
    source: text("The service that says it.", { pattern: "^/popug/[a-z]+$" }),
    type: text("What happened.", { pattern: "^[a-z]+(\\.[a-z-]+)+$" }),
    subject: text("What it happened to: the key."),
    time: text("Business time.", { format: "date-time" }),
    datacontenttype: { const: "application/json" },
    dataschema: text("The schema of the data: its `$id`.", { pattern: "^urn:popug:[a-z]+:[a-z.-]+:v\\d+$" }),
    partitionkey: text("Events of one key are in order; they share a partition."),
    partition: { type: "integer", minimum: 0, maximum: PARTITIONS - 1 },
    sequence: text("Position in the partition: contiguous, from 1, padded so that it sorts as text.", {
      pattern: "^\\d{19}$",
    }),
    epoch: { type: "integer", minimum: 0, description: "Positions compare within one epoch only." },
    period: { type: "integer", minimum: 0, description: "The period in which the event counts." },
    correlationid: text("Shared by all that goes back to one command."),
    causationid: text("Id of the event that caused this one.", { format: "uuid" }),
    cause: text("Where the causing event stands: `source/partition/position`."),
    traceparent: text("W3C trace context."),
    actor: text("Who made it happen.", { pattern: "^(user|system):" }),
    command: text("The command in which it was said."),
    control: text(
      "On barriers: for each type, how many events of the period stand before it, and the sum of the low 32 bits of their ids.",
      {
        contentMediaType: "application/json",
        contentSchema: {
          type: "object",
          additionalProperties: {
            type: "object",
            required: ["count", "checksum"],
            properties: { count: { type: "integer", minimum: 0 }, checksum: { type: "string", pattern: "^\\d+$" } },
          },
        },
      },
    ),
    data: { type: "object" },
  },
} as const;
