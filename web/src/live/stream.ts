/**
 * What changes on the server, in all tabs of the browser over ONE connection: the tab that holds a Web Lock reads the
 * stream and tells the others. Whoever takes over continues behind the last frame that anybody saw: none is missed.
 */
import { useSyncExternalStore } from "react";
import { readFrames } from "./frames.ts";

/** One changed thing, or (`more`) a hint that many of a type changed. */
export type Change = { type: string; subject?: string; time?: string; more?: number } & Record<string, unknown>;

export type LiveState =
  | { now: "connecting" }
  | {
      now: "live" /** Seconds from the event to here, of the last frame; null: nothing came yet. */;
      lag: number | null;
    }
  | { now: "lost" /** ms of the last sign of life. */; since: number };

type Message =
  | { kind: "frame"; id: string | undefined; changes: Change[]; sent: number }
  | { kind: "state"; state: LiveState }
  | { kind: "gap" }
  | { kind: "hello" };

/** The server sends a beat each 15 s. */
const SILENCE_MS = 20_000;
const RETRY_MS = [500, 1_000, 2_000, 2_000, 5_000] as const;

let state: LiveState = { now: "connecting" };
let lastId: string | undefined;
let lastLife = Date.now();
const watchers = new Set<() => void>();
const listeners = new Set<(changes: readonly Change[]) => void>();
const gapListeners = new Set<() => void>();
let channel: BroadcastChannel | undefined;

export const useLive = (): LiveState =>
  useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => state,
  );

/** Hears of every change. @returns stops hearing */
export function onChanges(listener: (changes: readonly Change[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Called when changes may have been missed: everything on the screen has to be asked for anew. */
export function onGap(listener: () => void): () => void {
  gapListeners.add(listener);
  return () => gapListeners.delete(listener);
}

function take(message: Message): void {
  if (message.kind === "state") {
    state = message.state;
    for (const watch of watchers) watch();
  } else if (message.kind === "frame") {
    if (message.id !== undefined) lastId = message.id;
    lastLife = message.sent;
    if (message.changes.length > 0) for (const listener of listeners) listener(message.changes);
  } else if (message.kind === "gap") {
    for (const listener of gapListeners) listener();
  }
}

function tell(message: Message): void {
  take(message);
  channel?.postMessage(message);
}

/** Begins to follow what changes, until the signal. Called once, when it is known who is signed in. */
export function followChanges(signal: AbortSignal): void {
  channel = new BroadcastChannel("popug.changes");
  let leads = false;
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === "hello") {
      if (!leads) return;
      channel?.postMessage({ kind: "state", state } satisfies Message);
      channel?.postMessage({ kind: "frame", id: lastId, changes: [], sent: lastLife } satisfies Message);
    } else take(data);
  };
  channel.postMessage({ kind: "hello" } satisfies Message);
  void navigator.locks
    .request("popug.changes", { signal }, async () => {
      leads = true;
      await read(signal);
    })
    .catch(() => {});
  signal.addEventListener("abort", () => channel?.close());
}

async function read(signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      const response = await fetch("/api/changes", {
        headers: lastId === undefined ? {} : { "last-event-id": lastId },
        cache: "no-store",
        signal,
      });
      if (response.status === 400) {
        // The server does not know this place any more (its database was restored, say).
        lastId = undefined;
        tell({ kind: "gap" });
        continue;
      }
      if (response.status === 401) return;
      if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
      for await (const frame of readFrames(response.body, SILENCE_MS)) {
        failures = 0;
        const changes = frame.event === "changes" ? (JSON.parse(frame.data) as Change[]) : [];
        if (state.now !== "live" || changes.length > 0)
          tell({ kind: "state", state: { now: "live", lag: lagOf(changes) } });
        tell({ kind: "frame", id: frame.id, changes, sent: Date.now() });
      }
    } catch {
      if (signal.aborted) return;
    }
    tell({ kind: "state", state: { now: "lost", since: lastLife } });
    const wait = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] as number;
    await new Promise((resolve) => {
      setTimeout(resolve, wait);
      addEventListener("online", resolve, { once: true });
    });
  }
}

/** Business time minus this computer's clock, ms: the two differ in a demo, or when a clock is wrong. */
let offset = 0;
export const setClockOffset = (ms: number) => {
  offset = ms;
};
/** Business time, ms since 1970, as far as this computer can know it. */
export const businessNow = () => Date.now() + offset;

function lagOf(changes: readonly Change[]): number | null {
  const newest = Math.max(...changes.map((change) => (change.time === undefined ? 0 : Date.parse(change.time))));
  const lag = (businessNow() - newest) / 1_000;
  return lag >= 0 && lag < 60 ? lag : null;
}
