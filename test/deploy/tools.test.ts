/** What is in deploy/, looked at by the tools that it is made for, where they are there (`.ci/run` brings them). */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { after, test, type TestContext } from "node:test";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "popug-deploy-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs a tool and returns what it said, on both streams. Undefined, and the test is skipped, where it is not there. */
function run(t: TestContext, tool: string, args: string[], code = 0): string | undefined {
  const places = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  const program = places.map((place) => join(place, tool)).find((path) => existsSync(path));
  if (program === undefined) {
    t.skip(`${tool} is not there`);
    return undefined;
  }
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  assert.equal(status, code, `${tool} ${args.join(" ")}\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

const ALL_OF_IT = `
publicUrl: https://popug.example
database: {existingSecret: popug-database, own: [tasks, accounting]}
secrets: {existingSecret: popug-secrets}
kafka: {brokers: "k1:9092,k2:9092", tls: true, sasl: scram-sha-512, user: popug, existingSecret: kafka, caSecret: kafka-ca}
mail: {existingSecret: popug-smtp, from: "Popug <popug@popug.example>"}
traces: {endpoint: "http://collector.traces:4318"}
settings: {POPUG_TIME_ZONE: Europe/Berlin, POPUG_LOG_DAYS: 400}
ingress: {enabled: true, host: popug.example, tlsSecret: popug-tls, className: nginx}
metrics: {serviceMonitor: {enabled: true}, rules: {enabled: true}, dashboards: {enabled: true}}
networkPolicy: {enabled: true}
`;
const AS_LITTLE_AS_POSSIBLE = `
publicUrl: https://popug.example
database: {existingSecret: popug-database}
secrets: {existingSecret: popug-secrets}
`;

test("rules are valid, and each alarm goes off when it should and stays silent when not (promtool)", (t) => {
  if (run(t, "promtool", ["check", "rules", "deploy/helm/popug/files/rules.yml"]) === undefined) return;
  run(t, "promtool", ["check", "config", "--syntax-only", "deploy/prometheus.yml"]);
  run(t, "promtool", ["test", "rules", "deploy/rules.test.yml"]);
});

test("the chart is valid, renders with everything and with as little as possible, and refuses what is missing (helm)", (t) => {
  for (const [name, values] of Object.entries({ all: ALL_OF_IT, little: AS_LITTLE_AS_POSSIBLE })) {
    const file = join(folder, `${name}.values.yaml`);
    writeFileSync(file, values);
    if (run(t, "helm", ["lint", "--strict", "deploy/helm/popug", "-f", file]) === undefined) return;
    const words = ["template", "popug", "deploy/helm/popug", "-f", file, "--kube-version", "1.34.0"];
    const rendered = run(t, "helm", words) ?? "";
    assert.equal(rendered.match(/^kind: StatefulSet$/gm)?.length, 5);
    const upstreams = /POPUG_UPSTREAMS: "(.*)"/.exec(rendered)?.[1]?.split(",") ?? [];
    assert.equal(upstreams.length, 10);
    for (const one of upstreams) {
      const [, service, set] = /^([a-z]+)=http:\/\/popug-([a-z]+)-\d\.popug-\2:7070$/.exec(one) ?? [];
      assert.equal(service, set, one);
    }
    writeFileSync(join(folder, `${name}.yaml`), rendered);
  }
  const said = run(t, "helm", ["template", "popug", "deploy/helm/popug", "--kube-version", "1.34.0"], 1) ?? "";
  for (const what of ["publicUrl", "database/existingSecret", "secrets/existingSecret"]) assert(said.includes(what));
});

test("what the chart renders is what Kubernetes takes, old and new (kubernetes-validate)", (t) => {
  const rendered = ["all", "little"].map((name) => join(folder, `${name}.yaml`));
  if (!existsSync(rendered[0] ?? "")) return t.skip("helm is not there");
  for (const version of ["1.27", "1.30", "1.34"]) {
    run(t, "kubernetes-validate", ["-k", version, "--strict", "--quiet", ...rendered]);
  }
});

test("the Dockerfile is as it should be (hadolint)", (t) => {
  // DL3064: a folder of secrets is named, no secret.
  run(t, "hadolint", ["--ignore", "DL3064", "deploy/Dockerfile"]);
});

test("the compose file is what Compose takes, and everything that it names is there (docker-compose)", (t) => {
  const version = run(t, "docker-compose", ["version", "--short"]);
  if (version === undefined) return;
  if (/^v?1\./.test(version)) return t.skip("docker-compose 1 does not know all of the specification");
  // What is wrong is told; a package that wraps the program may lose its exit code.
  assert.equal(run(t, "docker-compose", ["-f", "deploy/compose.yaml", "--profile", "*", "config", "--quiet"]), "");
});

test("files in YAML are tidy (yamllint)", (t) => {
  const style =
    "{extends: default, rules: {line-length: {max: 160}, document-start: disable, braces: {max-spaces-inside: 1}}}";
  const paths = ["compose.yaml", "prometheus.yml", "rules.test.yml", "grafana", "helm/popug/values.yaml"];
  const files = ["helm/popug/Chart.yaml", "helm/popug/files/rules.yml"];
  run(t, "yamllint", ["-s", "-d", style, ...[...paths, ...files].map((path) => `deploy/${path}`)]);
});

test("the proxy's configuration is valid (nginx)", (t) => {
  // Names of containers are known among them only.
  const file = join(folder, "nginx.conf");
  const text = readFileSync(join(root, "deploy/nginx.conf"), "utf8");
  writeFileSync(file, text.replaceAll(/auth-([12]):/g, "127.0.0.$1:").replaceAll("/tmp/", `${folder}/`));
  run(t, "nginx", ["-t", "-c", file]);
});
