/** What is answered where no route is: that there is nothing, or which methods there are. Before a body is read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../refusal.ts";
import { sendProblem } from "./problem.ts";

/** For the addresses of all routes that are registered from now on. */
export function refuseWithoutRoute(server: FastifyInstance): void {
  const known: { methods: string[]; address: RegExp }[] = [];
  server.addHook("onRoute", ({ method, url }) => {
    if (url.includes("*")) return;
    const address = new RegExp(`^${url.replaceAll(/[^\w:/-]/g, "\\$&").replaceAll(/:\w+/g, "[^/]+")}$`);
    known.push({ methods: [method].flat(), address });
  });
  const methodsAt = ({ url }: FastifyRequest) => {
    const path = url.split("?", 1)[0] as string;
    return [...new Set(known.flatMap(({ methods, address }) => (address.test(path) ? methods : [])))].sort();
  };
  const refusalOf = (request: FastifyRequest, reply: FastifyReply) => {
    const methods = methodsAt(request);
    if (methods.length === 0) return new Refusal("not-found", "no-such-route", "There is nothing at this address.");
    void reply.header("allow", methods.join(", "));
    return new Refusal(
      "wrong-method",
      "no-such-method",
      "Nothing at this address has this method; `Allow` names those it has.",
    );
  };
  server.addHook("onRequest", async (request, reply) => {
    if (request.is404) throw refusalOf(request, reply);
  });
  // Here comes what the web app, to which every GET goes that nobody else takes, does not know either.
  server.setNotFoundHandler((request, reply) => sendProblem(refusalOf(request, reply), request, reply));
}
