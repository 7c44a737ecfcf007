/** Apache with mod_auth_openidc, as a company's other application: one protected page that shows who has come. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RelyingParty } from "../../src/settings.ts";
import { until } from "../kit/until.ts";

const MODULES = "/usr/lib/apache2/modules";

/** For `test(title, { skip }, …)`. */
export const skip = existsSync(`${MODULES}/mod_auth_openidc.so`)
  ? false
  : "Apache's mod_auth_openidc is not installed: apt-get install apache2 libapache2-mod-auth-openidc";

const SECRET = "what Apache and the provider both know, and nobody else";

/** What stands in `POPUG_CLIENTS_FILE` about an Apache on this port. */
export function apacheAsClient(port: number): RelyingParty {
  const origin = `http://localhost:${port}`;
  return {
    client_id: "apache",
    client_secret: SECRET,
    token_endpoint_auth_method: "client_secret_basic",
    redirect_uris: [`${origin}/protected/callback`],
    post_logout_redirect_uris: [`${origin}/goodbye.html`],
    backchannel_logout_uri: `${origin}/protected/callback?logout=backchannel`,
  };
}

export type Apache = {
  protectedPage: string;
  /** Ends the session here and at the provider (RP-initiated logout). */
  logout: string;
  goodbye: string;
  log: () => string;
  stop: () => Promise<void>;
};

/** Starts one that signs people in at the provider with this issuer. */
export async function startApache(folder: string, port: number, issuer: string): Promise<Apache> {
  const origin = `http://localhost:${port}`;
  mkdirSync(join(folder, "pages/protected"), { recursive: true });
  writeFileSync(join(folder, "pages/goodbye.html"), "<h1>Goodbye</h1>");
  writeFileSync(join(folder, "pages/protected/index.shtml"), page);
  writeFileSync(join(folder, "apache.conf"), settings(folder, port, issuer));
  // Started as root, Apache answers as a user who has to be able to look in here.
  chmodSync(folder, 0o755);
  const server = spawn("apache2", ["-D", "FOREGROUND", "-f", join(folder, "apache.conf")], { stdio: "inherit" });
  const log = () => readFileSync(join(folder, "error.log"), "utf8");
  await until(async () => ((await fetch(`${origin}/goodbye.html`).catch(() => undefined)) ? true : undefined), {
    withinMs: 30_000,
    everyMs: 50,
    late: () => `Apache does not answer:\n${log()}`,
  });
  return {
    protectedPage: `${origin}/protected/index.shtml`,
    logout: `${origin}/protected/callback?logout=${encodeURIComponent(`${origin}/goodbye.html`)}`,
    goodbye: `${origin}/goodbye.html`,
    log,
    stop: async () => {
      server.kill("SIGTERM");
      if (server.exitCode === null) await once(server, "exit");
    },
  };
}

const page = ["sub", "preferred_username", "name", "email"]
  .map((claim) => `<p id="${claim}"><!--#echo var="OIDC_CLAIM_${claim}" --></p>`)
  .join("\n");

function settings(folder: string, port: number, issuer: string): string {
  const modules = ["mpm_event", "authz_core", "authn_core", "authz_user", "include", "mime", "filter", "auth_openidc"];
  return `
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join("\n")}
ServerName localhost:${port}
Listen 127.0.0.1:${port}
User www-data
Group www-data
ServerRoot ${folder}
PidFile ${folder}/apache.pid
Mutex file:${folder}
ErrorLog ${folder}/error.log
LogLevel warn auth_openidc:info
DocumentRoot ${folder}/pages
TypesConfig /etc/mime.types

OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret "${SECRET}"
OIDCRedirectURI http://localhost:${port}/protected/callback
OIDCCryptoPassphrase "only this Apache reads its cookies"
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCIDTokenIatSlack 60
OIDCSessionInactivityTimeout 3600

<Directory ${folder}/pages>
  Options +Includes
  AddType text/html .shtml
  AddOutputFilter INCLUDES .shtml
  Require all granted
</Directory>
<Location /protected>
  AuthType openid-connect
  Require valid-user
</Location>
`;
}
