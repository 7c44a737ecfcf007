/** The end of the server is held up by requests that are answered, and by nothing else. */
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * From the moment it begins to close, each answer ends its connection, and connections on which nothing was asked yet
 * (browsers open some ahead) are ended. Node would wait for both until they have been idle for long.
 */
export function endConnectionsOnClose(server: FastifyInstance): void {
  const unused = new Set<Socket>();
  let closing = false;
  server.server.on("connection", (socket: Socket) => {
    if (closing) return void socket.destroy();
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  server.addHook("onRequest", async (request) => {
    unused.delete(request.raw.socket);
  });
  server.addHook("onSend", async (_request, reply) => {
    if (closing) reply.header("connection", "close");
  });
  server.addHook("preClose", async () => {
    closing = true;
    for (const socket of unused) if (socket.bytesRead === 0) socket.destroy();
  });
}
