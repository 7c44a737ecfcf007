/**
 * Changes as server-sent events. Each frame's id is the place in every partition of every source that it covers, so a
 * client that comes back with `Last-Event-ID` continues exactly there: nothing lost, nothing twice, on whichever copy.
 */
import { once } from "node:events";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type LogRow, PARTITIONS } from "../event.ts";
import type { LogReader, Place } from "../log.ts";
import { Refusal } from "../refusal.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/** What a client is told of an event; null: nothing (it is not theirs to know). */
export type ShowChange = (event: LogRow) => Record<string, unknown> | null;

/** Events per frame; beyond it, the next frame follows at once. */
const FRAME = 320;
/** When one type fills a frame with more than this, the client gets one hint instead of each event. */
const SINGLES = 50;
const HEARTBEAT_MS = 15_000;
/** Each open stream reads the logs when something was logged. */
const MAX_STREAMS = 1_000;
/** More windows than anybody looks at; fewer than would leave none to others. */
const MAX_STREAMS_OF_ONE = 30;
/** By whose they are. */
const openStreams = new Map<string, number>();

/** Of each source, where one stands in its partitions, and the epoch in which these positions were given. */
type Vector = Map<string, { epoch: number; at: number[] }>;

/** Wakes all streams when something was logged. */
export type ChangeBell = { ring: () => void; wait: (ms: number, signal: AbortSignal) => Promise<void> };

/** Makes a bell; whoever waits goes on at a ring, after the given time, or when its signal is aborted. */
export function createBell(): ChangeBell {
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      for (const go of [...waiting]) go();
    },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const go = () => {
          clearTimeout(timer);
          waiting.delete(go);
          signal.removeEventListener("abort", go);
          resolve();
        };
        const timer = setTimeout(go, ms);
        waiting.add(go);
        signal.addEventListener("abort", go);
        if (signal.aborted) go();
      }),
  };
}

/** Streams until the client goes, the sign-in is no longer good (`allowed`), or `closing` is aborted. */
export async function streamChanges(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: {
    readers: ReadonlyMap<string, LogReader>;
    /** Who listens: events about this key may change what they may see. */
    userId: string;
    /** What they may see now; null: nothing any more. Asked at the start, every 15 s, and after events about them. */
    allowed: () => Promise<ShowChange | null>;
    bell: ChangeBell;
    closing: AbortSignal;
  },
): Promise<void> {
  const last = request.headers["last-event-id"];
  const vector = typeof last === "string" && last !== "" ? parseVector(last, parts.readers) : await here(parts.readers);
  await assertKept(vector, parts.readers);
  let show = await parts.allowed();
  const own = openStreams.get(parts.userId) ?? 0;
  if (own >= MAX_STREAMS_OF_ONE) {
    throw new Refusal("too-many", "too-many-own-streams", "Close some of the windows in which you are signed in.", {
      retryAfterSeconds: 5,
    });
  }
  if ([...openStreams.values()].reduce((sum, one) => sum + one, 0) >= MAX_STREAMS) {
    throw new Refusal("unavailable", "too-many-streams", "Too many streams of changes are open.", {
      retryAfterSeconds: 5,
    });
  }
  openStreams.set(parts.userId, own + 1);
  reply.hijack();
  const out = reply.raw;
  const gone = new AbortController();
  out.on("close", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, parts.closing]);
  out.writeHead(200, {
    ...SECURITY_HEADERS,
    "content-type": "text/event-stream; charset=utf-8",
    "x-accel-buffering": "no",
    // Nothing follows a stream; a connection that was kept would hold up the end of the process.
    connection: "close",
    "x-request-id": request.id,
  });
  const write = async (text: string) => {
    if (out.write(text) || signal.aborted) return;
    // A client that does not read is waited for, not buffered for without limit.
    await once(out, "drain", { signal }).catch(() => {});
  };
  try {
    await write(`retry: 2000\nid: ${formatVector(vector)}\nevent: ready\ndata: {}\n\n`);
    let lastWritten = Date.now();
    let lastAsked = Date.now();
    while (!signal.aborted && show !== null) {
      // Waiting begins before reading: a ring between the two is not missed.
      const rung = parts.bell.wait(HEARTBEAT_MS, signal);
      const frame = await nextFrame(parts.readers, vector, show, parts.userId);
      // Positions were given anew: where this listener stands, nobody knows, and they are told so when they come back.
      if (frame.setBack) break;
      if (frame.aboutListener || Date.now() - lastAsked >= HEARTBEAT_MS) {
        show = await parts.allowed();
        lastAsked = Date.now();
        if (show === null) break;
      }
      if (frame.moved) {
        if (frame.changes.length > 0) {
          await write(`id: ${formatVector(vector)}\nevent: changes\ndata: ${JSON.stringify(frame.changes)}\n\n`);
          lastWritten = Date.now();
        }
        continue;
      }
      await rung;
      if (Date.now() - lastWritten >= HEARTBEAT_MS) {
        await write(`id: ${formatVector(vector)}\nevent: beat\ndata: {}\n\n`);
        lastWritten = Date.now();
      }
    }
  } catch (error) {
    request.log.warn({ err: error }, "a stream of changes ended");
  } finally {
    const left = (openStreams.get(parts.userId) ?? 1) - 1;
    if (left > 0) openStreams.set(parts.userId, left);
    else openStreams.delete(parts.userId);
    gone.abort();
    out.end();
  }
}

async function nextFrame(
  readers: ReadonlyMap<string, LogReader>,
  vector: Vector,
  show: ShowChange,
  listener: string,
): Promise<{ moved: boolean; setBack: boolean; aboutListener: boolean; changes: Record<string, unknown>[] }> {
  const changes: Record<string, unknown>[] = [];
  let moved = false;
  let setBack = false;
  let aboutListener = false;
  for (const [source, reader] of readers) {
    const { epoch, at } = vector.get(source) ?? { epoch: 0, at: [] };
    const places: Place[] = at.map((position, partition) => ({ partition, position }));
    const rows = await reader.read(places, null, Math.ceil(FRAME / PARTITIONS));
    const perType = new Map<string, number>();
    for (const row of rows) {
      setBack ||= row.epoch > epoch;
      at[row.partition] = row.position;
      moved = true;
      aboutListener ||= row.key === listener;
      const shown = show(row);
      if (shown === null) continue;
      const count = (perType.get(row.type) ?? 0) + 1;
      perType.set(row.type, count);
      if (count <= SINGLES) changes.push({ type: row.type, subject: row.key, time: row.time, ...shown });
    }
    for (const [type, count] of perType) if (count > SINGLES) changes.push({ type, more: count - SINGLES });
  }
  return { moved, setBack, aboutListener, changes };
}

async function here(readers: ReadonlyMap<string, LogReader>): Promise<Vector> {
  const vector: Vector = new Map();
  for (const [source, reader] of readers) {
    const heads = await reader.heads();
    const at = Array.from({ length: PARTITIONS }, () => 0);
    for (const head of heads) at[head.partition] = head.position;
    vector.set(source, { epoch: heads[0]?.epoch ?? 0, at });
  }
  return vector;
}

/**
 * What a log does not hold any more cannot be told, and must not be passed over; nor do positions of another epoch say
 * anything about it: it was set back, perhaps to before them.
 */
async function assertKept(vector: Vector, readers: ReadonlyMap<string, LogReader>): Promise<void> {
  for (const [source, reader] of readers) {
    const place = vector.get(source);
    const heads = await reader.heads();
    const isKept = heads.every(
      ({ partition, epoch, beginsAt }) => epoch === place?.epoch && (place.at[partition] ?? 0) >= beginsAt - 1,
    );
    if (isKept) continue;
    throw new Refusal(
      "invalid",
      "last-event-id-too-old",
      "What followed this Last-Event-ID is not in the logs any more: load everything anew, and begin without one.",
    );
  }
}

function formatVector(vector: Vector): string {
  return [...vector]
    .map(([source, { epoch, at }]) => `${source}:${[epoch, ...at].map((n) => n.toString(36)).join(".")}`)
    .join(";");
}

function parseVector(text: string, readers: ReadonlyMap<string, LogReader>): Vector {
  const vector: Vector = new Map();
  for (const part of text.split(";")) {
    const [source = "", list = ""] = part.split(":");
    const [epoch = -1, ...at] = list
      .split(".")
      .map((digits) => (/^[0-9a-z]{1,11}$/.test(digits) ? Number.parseInt(digits, 36) : -1));
    if (readers.has(source) && at.length === PARTITIONS && [epoch, ...at].every((n) => n >= 0))
      vector.set(source, { epoch, at });
  }
  if (vector.size !== readers.size) {
    throw new Refusal("invalid", "bad-last-event-id", "The Last-Event-ID is not one that this stream has given out.");
  }
  return vector;
}
