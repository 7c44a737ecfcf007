/** What is in deploy/ and the product say the same; their own tools look at the rest (`tools.test.ts`). */
import assert from "node:assert/strict";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { partOf } from "../../src/app/processes.ts";
import { allServices } from "../../src/app/services.ts";
import { readConfig } from "../../src/config.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const packageJson = JSON.parse(read("package.json")) as { version: string };

type Container = {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  read_only?: boolean;
  cap_drop?: string[];
  privileged?: boolean;
  ports?: string[];
  depends_on?: Record<string, unknown> | string[];
};
const compose = parse(read("deploy/compose.yaml"), { merge: true }) as { services: Record<string, Container> };
/** `${NAME:-otherwise}` as it is when nothing is set. */
const unset = (text: string) => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
const names = allServices(readConfig({}, {}).settings).map((service) => service.name);
const copies = names.flatMap((name) => [`${name}-1`, `${name}-2`]);

/** The process that a container starts, as far as its settings are accepted. */
function processOf(name: string, databaseUrl: string) {
  const { environment = {}, command = [] } = compose.services[name] as Container;
  const env = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, unset(String(value))]));
  const config = readConfig({ services: command.at(-1) }, { ...env, DATABASE_URL_FILE: databaseUrl });
  return { config, part: partOf(config, allServices(config.settings)) };
}

test("compose runs every service twice, with settings that the product accepts, and tells all of all", () => {
  const folder = mkdtempSync(join(tmpdir(), "popug-compose-"));
  try {
    const url = join(folder, "database-url");
    writeFileSync(url, "postgres://popug:secret@postgres:5432/popug");
    for (const copy of copies) {
      const { config, part } = processOf(copy, url);
      assert.deepEqual(
        part.here.map(({ name }) => name),
        [copy.replace(/-\d$/, "")],
      );
      assert.equal(config.kafka?.brokers.length, 3);
      assert.equal(config.traces, null);
      const upstreams = Object.values(config.upstreams).flat();
      assert.deepEqual(upstreams.sort(), copies.map((name) => `http://${name}:7070`).sort());
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const scraped = parse(read("deploy/prometheus.yml")).scrape_configs[0].static_configs[0].targets as string[];
  assert.deepEqual(scraped.sort(), copies.map((name) => `${name}:9464`).sort());
  const entries = [...read("deploy/nginx.conf").matchAll(/server (auth-\d):7070/g)].map(([, name]) => name);
  assert.deepEqual(entries, ["auth-1", "auth-2"]);
});

test("every setting that deploy/ names is one that the product reads", () => {
  const known = new Set(read("docs/configuration.md").match(/(?<=^\| `)[A-Z0-9_<>]+(?=`)/gm));
  const files = ["deploy/Dockerfile", "deploy/compose.yaml", ...globSync("deploy/helm/**/*.{yaml,tpl}", { cwd: root })];
  const ours = /\b(POPUG|OTEL)_[A-Z0-9_]*[A-Z0-9]\b|\bKAFKA_BROKERS\b|\bDATABASE_URL(_FILE)?\b/g;
  // Settings of compose itself.
  const composeOnly = new Set(["POPUG_VERSION"]);
  for (const file of files) {
    const text = read(file).replaceAll("^POPUG_", "");
    const unknown = [...new Set(text.match(ours))].filter((name) => !known.has(name) && !composeOnly.has(name));
    assert.deepEqual(unknown, [], file);
  }
});

test("versions are pinned, and are those that the project uses elsewhere", () => {
  const images = Object.values(compose.services).map(({ image }) => unset(image));
  for (const image of images) assert.match(image, /:v?\d+(\.\d+)+(-[\w.]+)?$/, image);
  const kafka = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([\d.]+)</.exec(read("cluster/pom.xml"))?.[1];
  assert(images.includes(`apache/kafka:${kafka}`));
  assert(images.includes(`popug:${packageJson.version}`));
  const chart = parse(read("deploy/helm/popug/Chart.yaml")) as { version: string; appVersion: string };
  assert.deepEqual([chart.version, chart.appVersion], [packageJson.version, packageJson.version]);
  const { node } = (JSON.parse(read("runtime/package.json")) as { dependencies: { node: string } }).dependencies;
  assert.match(read("deploy/Dockerfile"), new RegExp(`^FROM node:${node.replaceAll(".", "\\.")}-\\S+ AS build$`, "m"));
});

test("containers of Popug can write nowhere but where they have to, and reach nobody who did not ask", () => {
  for (const [name, container] of Object.entries(compose.services)) {
    assert.equal(container.privileged, undefined, name);
    for (const port of container.ports ?? []) assert.match(port, /^127\.0\.0\.1:/, `${name} is open to the world`);
  }
  for (const copy of copies) {
    const { read_only, cap_drop, ports } = compose.services[copy] as Container;
    assert.deepEqual([read_only, cap_drop, ports], [true, ["ALL"], undefined], copy);
  }
  const [, runtime = ""] = read("deploy/Dockerfile").split(/^FROM gcr\.io\/distroless\//m);
  assert.doesNotMatch(runtime, /^(RUN|ADD) /m, "nothing is installed into what runs");
  assert.match(runtime, /^USER 65532/m);
  const helm = read("deploy/helm/popug/templates/services.yaml");
  for (const word of ["runAsNonRoot: true", "readOnlyRootFilesystem: true", "drop: [ALL]"]) assert(helm.includes(word));
});
