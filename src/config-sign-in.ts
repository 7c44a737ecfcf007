/** The part of the configuration that is about names, certificates and who may sign in. */
import { isIP } from "node:net";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { fileOf } from "./config-secrets.ts";
import { type Role, roles } from "./people/policy.ts";
import { StartRefused } from "./platform/start-refused.ts";
import type { OtherProvider, RelyingParty } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How the outside reaches us, and what of that we believe. */
export type Doors = {
  publicUrl: string;
  /** Certificate chain and key in PEM; null: plain http here. */
  tls: { cert: string; key: string } | null;
  /** Whose `X-Forwarded-For` is believed: addresses, CIDR blocks or `loopback`. */
  trustProxy: readonly string[];
};

/** @throws StartRefused when browsers could not sign in under this name */
export function readDoors(env: Environment, port: number): Doors {
  const [certFile, keyFile] = [env["POPUG_TLS_CERT"], env["POPUG_TLS_KEY"]];
  if (Boolean(certFile) !== Boolean(keyFile)) {
    throw new StartRefused("POPUG_TLS_CERT and POPUG_TLS_KEY belong together: set both, or none.");
  }
  const tls =
    certFile && keyFile ? { cert: fileOf("POPUG_TLS_CERT", certFile), key: fileOf("POPUG_TLS_KEY", keyFile) } : null;
  const trustProxy = proxies(env);
  const publicUrl = originOf(env["POPUG_PUBLIC_URL"] || `${tls ? "https" : "http"}://localhost:${port}`);
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol === "http:" && tls) {
    throw new StartRefused(`A certificate is given, but POPUG_PUBLIC_URL is ${publicUrl}; begin it with https.`);
  }
  if (protocol === "http:" && hostname !== "localhost" && !hostname.endsWith(".localhost")) {
    throw new StartRefused(
      `POPUG_PUBLIC_URL is ${publicUrl}, but browsers keep the sign-in over plain http for the name localhost only. ` +
        "Begin it with https and either give a certificate (POPUG_TLS_CERT, POPUG_TLS_KEY) or name the proxy that " +
        "speaks https in front of Popug (POPUG_TRUST_PROXY).",
    );
  }
  if (protocol === "https:" && !tls && trustProxy.length === 0) {
    throw new StartRefused(
      `POPUG_PUBLIC_URL is ${publicUrl}, but nothing here speaks https. Give a certificate (POPUG_TLS_CERT, ` +
        "POPUG_TLS_KEY), or name the proxy in front of Popug that has one (POPUG_TRUST_PROXY).",
    );
  }
  return { publicUrl, tls, trustProxy };
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.origin !== text.replace(/\/+$/, "").toLowerCase()) {
    throw new StartRefused(`POPUG_PUBLIC_URL is "${text}"; it looks like https://popug.example, without a path.`);
  }
  return url.origin;
}

function proxies(env: Environment): string[] {
  const named = (env["POPUG_TRUST_PROXY"] ?? "").split(",").map((part) => part.trim());
  return named.filter(Boolean).map((part) => {
    const [address = "", bits, ...more] = part.split("/");
    const good = isIP(address) > 0 && more.length === 0 && (bits === undefined || /^\d{1,3}$/.test(bits));
    if (part !== "loopback" && !good) {
      throw new StartRefused(
        `POPUG_TRUST_PROXY names "${part}"; it takes addresses such as 10.0.0.5, blocks such as 10.0.0.0/8, or loopback.`,
      );
    }
    return part;
  });
}

/** Who becomes the first admin of an empty installation without anybody at a browser. */
export type FirstAdmin = { login: string; name: string; email: string; password: string };

/** @throws StartRefused when something is missing */
export function readFirstAdmin(env: Environment): FirstAdmin | null {
  const login = env["POPUG_ADMIN_LOGIN"];
  const file = env["POPUG_ADMIN_PASSWORD_FILE"];
  if (!login && !file) return null;
  if (!login || !file) {
    throw new StartRefused("POPUG_ADMIN_LOGIN and POPUG_ADMIN_PASSWORD_FILE belong together: set both, or none.");
  }
  if (!/^[a-z0-9._-]{2,60}$/.test(login)) {
    throw new StartRefused("POPUG_ADMIN_LOGIN takes 2 to 60 lower-case letters, digits, dots, dashes, underscores.");
  }
  const password = fileOf("POPUG_ADMIN_PASSWORD_FILE", file).replace(/\r?\n$/, "");
  if (password.length < 12 || password.length > 128) {
    throw new StartRefused("The password in POPUG_ADMIN_PASSWORD_FILE has to have 12 to 128 characters.");
  }
  return { login, password, name: env["POPUG_ADMIN_NAME"] || login, email: env["POPUG_ADMIN_EMAIL"] ?? "" };
}

const RelyingParties = Type.Array(
  Type.Object(
    {
      client_id: Type.String({ pattern: "^[A-Za-z0-9._-]{1,60}$" }),
      client_name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      own: Type.Optional(Type.Boolean()),
      redirect_uris: Type.Array(Type.String({ maxLength: 500 }), { minItems: 1, maxItems: 20 }),
      post_logout_redirect_uris: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 20 })),
      backchannel_logout_uri: Type.Optional(Type.String({ maxLength: 500 })),
      token_endpoint_auth_method: Type.Union(
        (["none", "client_secret_basic", "client_secret_post", "private_key_jwt"] as const).map((m) => Type.Literal(m)),
      ),
      client_secret: Type.Optional(Type.String({ minLength: 32, maxLength: 200 })),
      jwks: Type.Optional(Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown())) })),
    },
    { additionalProperties: false },
  ),
  { maxItems: 100 },
);

/** Clients of our provider, from a file of JSON. @throws StartRefused naming what is wrong in it */
export function readRelyingParties(env: Environment): RelyingParty[] {
  const file = env["POPUG_CLIENTS_FILE"];
  if (!file) return [];
  let list: unknown;
  try {
    list = JSON.parse(fileOf("POPUG_CLIENTS_FILE", file));
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    throw new StartRefused(`POPUG_CLIENTS_FILE is not JSON: ${(error as Error).message}.`, { cause: error });
  }
  if (!Value.Check(RelyingParties, list)) {
    const [first] = Value.Errors(RelyingParties, list);
    throw new StartRefused(`POPUG_CLIENTS_FILE: ${first?.instancePath || "the list"} ${first?.message}.`);
  }
  for (const { client_id, redirect_uris, post_logout_redirect_uris = [], backchannel_logout_uri } of list) {
    const told = backchannel_logout_uri === undefined ? [] : [backchannel_logout_uri];
    for (const address of [...redirect_uris, ...post_logout_redirect_uris, ...told]) {
      if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) continue;
      throw new StartRefused(`POPUG_CLIENTS_FILE: "${address}" of ${client_id} is no http or https address.`);
    }
  }
  return list;
}

/** @throws StartRefused when something is missing or cannot be */
export function readOtherProvider(env: Environment): OtherProvider | null {
  const issuer = env["POPUG_OIDC_ISSUER"];
  if (!issuer) return null;
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const local = url?.hostname === "localhost" || url?.hostname === "127.0.0.1";
  if (!url || (url.protocol !== "https:" && !(url.protocol === "http:" && local))) {
    throw new StartRefused("POPUG_OIDC_ISSUER has to be an https address (http only on this machine).");
  }
  const clientId = env["POPUG_OIDC_CLIENT_ID"];
  if (!clientId) throw new StartRefused("With POPUG_OIDC_ISSUER, set POPUG_OIDC_CLIENT_ID to what it calls us.");
  const secretFile = env["POPUG_OIDC_CLIENT_SECRET_FILE"];
  return {
    issuer,
    clientId,
    clientSecret: secretFile ? fileOf("POPUG_OIDC_CLIENT_SECRET_FILE", secretFile).trim() : null,
    name: env["POPUG_OIDC_NAME"] || url.hostname,
    instead: flag(env, "POPUG_OIDC_INSTEAD"),
    audience: env["POPUG_OIDC_AUDIENCE"] || "popug-api",
    rolesClaim: env["POPUG_OIDC_ROLES_CLAIM"] || "groups",
    roles: roleTable(env["POPUG_OIDC_ROLES"] ?? ""),
    createUsers: flag(env, "POPUG_OIDC_CREATE_USERS"),
  };
}

/** `staff=worker, books=worker+accountant` */
function roleTable(text: string): Record<string, Role[]> {
  const table: Record<string, Role[]> = Object.create(null) as Record<string, Role[]>;
  for (const part of text.split(",").map((one) => one.trim())) {
    if (part === "") continue;
    const at = part.lastIndexOf("=");
    const given = part.slice(at + 1).split("+");
    if (at < 1 || !given.every((role) => (roles as readonly string[]).includes(role))) {
      throw new StartRefused(
        `POPUG_OIDC_ROLES has "${part}"; it looks like staff=worker,books=worker+accountant (roles: ${roles.join(", ")}).`,
      );
    }
    table[part.slice(0, at)] = given as Role[];
  }
  return table;
}

function flag(env: Environment, name: string): boolean {
  const value = env[name] || "0";
  if (!/^[01]$/.test(value)) throw new StartRefused(`${name} is "${value}"; it is 0 or 1.`);
  return value === "1";
}
