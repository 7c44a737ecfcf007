/** The web app: answers its files from memory, compressed at build time, under a strict policy of content. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { WEB_DIST } from "./build-web.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
/** Their names change with their content. */
const IMMUTABLE = "public, max-age=31536000, immutable";
/** Asked for anew each time, answered with 304 while it is the same. */
const CHECKED = "no-cache";

type Coding = "br" | "gzip" | "identity";
type Asset = { forms: Partial<Record<Coding, Buffer>>; type: string; cache: string; etag: string };

/**
 * Answers every GET that nothing else answers: a file of the app, one of its addresses with `index.html`, or "not
 * found". Without a build there is a sentence in its place; the API does not depend on it.
 */
export async function addWeb(server: FastifyInstance, dist: string = WEB_DIST): Promise<void> {
  const app = await readApp(dist);
  // Every request for a page fetches a dozen files: those are not what the limit is there for.
  server.get("/*", { schema: { hide: true }, config: { rateLimit: false } }, async (request, reply) => {
    const path = request.url.split("?", 1)[0] as string;
    if (app === undefined) {
      if (path !== "/") return reply.callNotFound();
      return reply.type("text/plain; charset=utf-8").send("The web app is not built here. The API is below /api.\n");
    }
    const asset = app.files.get(path);
    if (asset !== undefined) return answer(request, reply, asset);
    const address = app.addresses.find((one) => one.pattern.test(path));
    if (address === undefined) return reply.callNotFound();
    reply.header("content-security-policy", app.contentPolicy);
    if (address.preloads !== "") reply.header("link", address.preloads);
    return answer(request, reply, app.page);
  });
}

/** `preloads`: a `Link` header with what the page there is made of. */
type Address = { pattern: RegExp; preloads: string };
type WebApp = {
  files: ReadonlyMap<string, Asset>;
  addresses: readonly Address[];
  page: Asset;
  contentPolicy: string;
};

/** Undefined: there is no build. */
async function readApp(dist: string): Promise<WebApp | undefined> {
  const names = await readdir(dist, { recursive: true }).catch((): string[] => []);
  if (!names.includes("index.html")) return undefined;
  const page = await readAsset(dist, "index.html");
  const html = page.forms.identity?.toString() ?? "";
  const files = new Map<string, Asset>();
  for (const name of names.filter((one) => extname(one) in types && one !== "index.html")) {
    files.set(`/${name.replaceAll("\\", "/")}`, await readAsset(dist, name));
  }
  const paths = JSON.parse(await readFile(join(dist, "paths.json"), "utf8")) as Record<string, string[]>;
  return {
    files,
    page,
    addresses: Object.entries(paths).map(([path, files]) => ({
      pattern: new RegExp(`^${path.replaceAll(/\$\w+/g, "[^/]+")}/?$`),
      preloads: files
        .filter((file) => !html.includes(file))
        .map(preload)
        .join(", "),
    })),
    contentPolicy: contentPolicy(html),
  };
}

const preload = (file: string) =>
  file.endsWith(".css") ? `<${file}>; rel=preload; as=style; crossorigin` : `<${file}>; rel=modulepreload`;

/** Only what we serve ourselves. The one inline script (theme and language before the first paint) by its hash. */
function contentPolicy(html: string): string {
  const hashes = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = ""]) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  );
  return [
    "default-src 'self'",
    ["script-src 'self'", ...hashes].join(" "),
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

async function readAsset(dist: string, name: string): Promise<Asset> {
  const file = join(dist, name);
  const form = (path: string) => readFile(path).catch(() => undefined);
  const identity = await readFile(file);
  const [br, gzip] = await Promise.all([form(`${file}.br`), form(`${file}.gz`)]);
  return {
    forms: { identity, ...(br && { br }), ...(gzip && { gzip }) },
    type: types[extname(name)] ?? "application/octet-stream",
    cache: /^assets[\\/]/.test(name) ? IMMUTABLE : CHECKED,
    etag: createHash("sha256").update(identity).digest("base64url").slice(0, 16),
  };
}

function answer(request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  const coding = (["br", "gzip"] as const).find((one) => asset.forms[one] && accepts(request, one)) ?? "identity";
  // Another form of the same content is another representation, so it has a tag of its own.
  const etag = `"${asset.etag}-${coding}"`;
  reply.headers({ "cache-control": asset.cache, etag, vary: "accept-encoding" });
  if (request.headers["if-none-match"] === etag) return reply.status(304).send();
  if (coding !== "identity") reply.header("content-encoding", coding);
  return reply.type(asset.type).send(asset.forms[coding]);
}

const accepts = (request: FastifyRequest, coding: string) =>
  String(request.headers["accept-encoding"] ?? "")
    .split(",")
    .some((part) => part.trim().split(";")[0] === coding && !/;\s*q=0(\.0*)?\s*$/.test(part));
