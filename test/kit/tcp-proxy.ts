/** A way to a server that can be cut, slowed and made silent: TCP on this machine, with nothing behind it but `node:net`. */
import { once } from "node:events";
import { createServer, type NetConnectOpts, type Socket, connect } from "node:net";
import { freePort } from "./free-port.ts";

export type Link = {
  /** Where it is entered, on 127.0.0.1. */
  port: number;
  /** All connections are reset, and so are new ones until it is mended. */
  cut: () => void;
  /** Nothing gets through, and nobody is told; what is sent meanwhile arrives when it is mended. */
  silence: () => void;
  /** The connections that are there are silent for ever, as behind a firewall that lost its memory; new ones work. */
  forget: () => void;
  /** Whatever is sent arrives so much later. */
  slow: (byMs: number) => void;
  mend: () => void;
  close: () => Promise<void>;
};

type State = { cut: boolean; silent: boolean; slowMs: number };
/** Both directions of a connection. */
type Pair = { sockets: readonly [Socket, Socket]; isForgotten: boolean; flush: () => void };

/** Opens a way to a server, which is looked for with each connection. */
export async function openLink(target: NetConnectOpts): Promise<Link> {
  const state: State = { cut: false, silent: false, slowMs: 0 };
  const pairs = new Set<Pair>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    near.on("error", () => {});
    if (state.cut) return reset(near);
    const pair = join(near, connect({ ...target, allowHalfOpen: true }), state);
    pairs.add(pair);
    near.once("close", () => pairs.delete(pair));
  });
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const drop = () => {
    for (const { sockets } of pairs) for (const socket of sockets) reset(socket);
  };
  return {
    port,
    cut: () => {
      state.cut = true;
      drop();
    },
    silence: () => {
      state.silent = true;
    },
    forget: () => {
      for (const pair of pairs) pair.isForgotten = true;
    },
    slow: (byMs) => {
      state.slowMs = byMs;
    },
    mend: () => {
      Object.assign(state, { cut: false, silent: false, slowMs: 0 });
      for (const { flush } of pairs) flush();
    },
    close: async () => {
      server.close();
      drop();
      await once(server, "close");
    },
  };
}

/** A socket of a file system cannot be reset. */
function reset(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

function join(near: Socket, far: Socket, state: State): Pair {
  const mute = () => state.silent || pair.isForgotten;
  const flushes = [pump(near, far, state, mute), pump(far, near, state, mute)];
  const pair: Pair = { sockets: [near, far], isForgotten: false, flush: () => flushes.forEach((flush) => flush()) };
  return pair;
}

/** Passes on what comes, in order, when it is due; returns what looks again. */
function pump(from: Socket, to: Socket, state: State, mute: () => boolean): () => void {
  const waiting: { due: number; pass: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    while (!mute()) {
      const wait = (waiting[0]?.due ?? Number.POSITIVE_INFINITY) - performance.now();
      if (wait <= 0) waiting.shift()?.pass();
      else if (wait < Number.POSITIVE_INFINITY) return void (timer = setTimeout(flush, Math.ceil(wait)));
      else return;
    }
  };
  const pass = (how: () => void) => {
    waiting.push({ due: performance.now() + state.slowMs, pass: how });
    flush();
  };
  from.on("data", (chunk: Buffer) => pass(() => to.write(chunk)));
  from.on("end", () => pass(() => to.end()));
  from.on("error", () => {});
  from.on("close", (hadError) => {
    if (hadError) pass(() => reset(to));
  });
  return flush;
}
