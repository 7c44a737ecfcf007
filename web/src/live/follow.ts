/**
 * Reads what changes on the server, in all tabs of the browser over ONE connection: the tab that holds a Web Lock reads the
 * stream and tells the others. Whoever takes over continues behind the last frame that anybody saw: none is missed.
 */
import { readFrames } from "./frames.ts";
import { businessNow, type Change, type LiveState, liveNow, setLive, tellChanges, tellGap } from "./stream.ts";

type Message =
  | { kind: "frame"; id: string | undefined; changes: Change[]; sent: number }
  | { kind: "state"; state: LiveState }
  | { kind: "gap" }
  | { kind: "hello" };

/** The server sends a beat each 15 s. */
const SILENCE_MS = 20_000;
const RETRY_MS = [500, 1_000, 2_000, 2_000, 5_000] as const;

let lastId: string | undefined;
let lastLife = Date.now();
let channel: BroadcastChannel | undefined;

function take(message: Message): void {
  if (message.kind === "state") {
    setLive(message.state);
  } else if (message.kind === "frame") {
    if (message.id !== undefined) lastId = message.id;
    lastLife = message.sent;
    if (message.changes.length > 0) tellChanges(message.changes);
  } else if (message.kind === "gap") {
    tellGap();
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
      channel?.postMessage({ kind: "state", state: liveNow() } satisfies Message);
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
        if (liveNow().now !== "live" || changes.length > 0)
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

function lagOf(changes: readonly Change[]): number | null {
  const newest = Math.max(...changes.map((change) => (change.time === undefined ? 0 : Date.parse(change.time))));
  const lag = (businessNow() - newest) / 1_000;
  return lag >= 0 && lag < 60 ? lag : null;
}
