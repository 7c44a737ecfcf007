/** Addresses under which other servers have given away what nobody should see, and such that come near to ours. */

const sensitive = `
.env .env.local .env.production .git/config .git/HEAD .gitignore .svn/entries .hg/store .DS_Store .npmrc .htaccess .htpasswd
.ssh/id_rsa .aws/credentials .well-known/security.txt .well-known/openid-configuration .vscode/settings.json .idea/workspace.xml
backup backup.zip backup.sql backup.tar.gz dump.sql db.sqlite database.sql data data/ data/secrets data/secrets/signing-keys.json
secrets secrets/signing-keys.json signing-keys.json config config.json config.yml configuration settings.json package.json
package-lock.json tsconfig.json node_modules node_modules/ node_modules/pg/package.json src src/ src/main.ts src/config.ts main.ts
Dockerfile docker-compose.yml Makefile README.md docs docs/ docs/security.md test schemas schemas/ web web/dist web/src dist dist/
assets assets/ assets/.. index.html index.html.br index.html.gz index.html~ index.php index.js.map paths.json paths.json.br
admin admin/ administrator wp-admin wp-login.php phpmyadmin phpinfo.php server-status server-info status health healthz metrics
actuator actuator/env actuator/heapdump debug debug/pprof debug/vars trace console manager/html jmx-console graphql graphiql
swagger swagger-ui swagger.json openapi.json api-docs documentation documentation/json v1 v2 api api/ api/v1 api/docs api/debug
api/admin api/internal api/health api/metrics api/env api/config api/swagger.json api/graphql api/../secrets
cgi-bin/ cgi-bin/test.cgi shell cmd exec upload uploads files tmp logs log error.log access.log core heapdump robots.txt
livez readyz sitemap.xml crossdomain.xml favicon.ico login.php login login/ oidc oidc/ oidc/reg oidc/token/introspection oidc/device
oidc/registration oidc/clients oidc/debug auth auth/admin setup/ setup/x reset/ join join/ mailbox mailbox/1.eml postgres`;

const up = ["..", "%2e%2e", "%252e%252e", "..%00", "..%5c", "..;", "%c0%ae%c0%ae", ".%2e", "....//"];
const targets = ["etc/passwd", "package.json", "data/secrets/signing-keys.json"];

/** Paths without their first slash; `routes` are addresses of ours, from whose words more are made. */
export function hiddenAddresses(routes: readonly string[]): string[] {
  const words = new Set(routes.flatMap((route) => route.split("/")).filter((part) => /^[\w.-]+$/.test(part)));
  const near = [...words].flatMap((word) =>
    [word, `api/${word}`, `oidc/${word}`, `auth/${word}`, `admin/${word}`].flatMap((path) =>
      ["", "/", "~", ".bak", ".json", "%00", "%20", ";a=b"].map((tail) => path + tail),
    ),
  );
  const climbing = up.flatMap((step) =>
    ["", "assets/", "api/", "login/"].flatMap((from) =>
      targets.flatMap((target) => [2, 6].map((times) => from + `${step}/`.repeat(times) + target)),
    ),
  );
  return [...new Set([...sensitive.trim().split(/\s+/), ...near, ...climbing])];
}
