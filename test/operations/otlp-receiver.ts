/** A receiver of traces by OTLP/HTTP with JSON, as any backend has one; keeps what it is sent. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export type ReceivedSpan = {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  /** In ms. */
  start: number;
  end: number;
  failed: boolean;
  attributes: Record<string, string>;
};

export type Receiver = {
  url: string;
  /** What has arrived of a trace. */
  of: (traceId: string) => ReceivedSpan[];
  stop: () => Promise<void>;
};

type Value = { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean };
type Attribute = { key: string; value: Value };
type Export = {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      spans: {
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        name: string;
        startTimeUnixNano: string;
        endTimeUnixNano: string;
        attributes: Attribute[];
        status: { code?: number };
      }[];
    }[];
  }[];
};

const read = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
const ms = (nano: string) => Number(BigInt(nano) / 1_000n) / 1_000;

/** Listens on loopback until `stop`. */
export async function startReceiver(): Promise<Receiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    const take = async () => {
      const body = JSON.parse(await text(request)) as Export;
      if (request.url !== "/v1/traces") return response.writeHead(404).end();
      for (const { resource, scopeSpans } of body.resourceSpans) {
        const service = read(resource.attributes)["service.name"] ?? "";
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
          const { traceId, spanId, parentSpanId = "", name } = span;
          spans.push({
            ...{ service, name, traceId, spanId, parentSpanId },
            start: ms(span.startTimeUnixNano),
            end: ms(span.endTimeUnixNano),
            failed: span.status.code === 2,
            attributes: read(span.attributes),
          });
        }
      }
      return response.writeHead(200, { "content-type": "application/json" }).end("{}");
    };
    take().catch(() => response.writeHead(400).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    of: (traceId) => spans.filter((span) => span.traceId === traceId),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
