/** A port that somebody else has to be told before its server listens. */
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that systems give to outgoing connections: none of these takes it before its server listens. */
const [FROM, TO] = [20_000, 32_000];

/** A port that was free a moment ago, and that no other test of this machine is told while this process lives. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FROM, TO);
    // Numbers of UDP are others than those of TCP: held there, this one stays free for the server, and taken for us.
    const claim = createSocket("udp4").unref();
    claim.bind({ port, address: "127.0.0.1", exclusive: true });
    if (!(await comes(claim, "listening"))) continue;
    const server = createServer().listen(port, "127.0.0.1");
    if (!(await comes(server, "listening"))) {
      claim.close();
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
  throw new Error(`a hundred ports from ${FROM} to ${TO} are taken`);
}

/** Whether that comes, and no error. */
const comes = (from: NodeJS.EventEmitter, event: string): Promise<boolean> =>
  once(from, event).then(
    () => true,
    () => false,
  );
