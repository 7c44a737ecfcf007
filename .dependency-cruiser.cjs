/**
 * The boundaries of the house. Services meet only in events: the rule about them has a capture group, so that it
 * covers every service that will ever be added.
 * @type {import("dependency-cruiser").IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: "services-meet-in-events-only",
      comment: "A service imports nothing of another service; what they have to say stands in src/contracts.",
      severity: "error",
      from: { path: "^src/services/([^/]+)/" },
      to: { path: "^src/services/", pathNot: "^src/services/$1/" },
    },
    {
      name: "services-stand-on-platform-contracts-people",
      comment: "A service knows the machinery, the contracts and the people, not who composes it.",
      severity: "error",
      from: { path: "^src/services/" },
      to: { path: "^src/", pathNot: "^src/(services|platform|contracts|people)/|^src/settings\\.ts$" },
    },
    {
      name: "only-the-composition-knows-services",
      comment: "Services are put together in src/app, and looked into by tests.",
      severity: "error",
      from: { pathNot: "^(src/services|src/app|test|bench)/" },
      to: { path: "^src/services/" },
    },
    {
      name: "contracts-stand-alone",
      comment: "A contract is made of platform/contract and other contracts, so that anybody can import it.",
      severity: "error",
      from: { path: "^src/contracts/" },
      to: { path: "^src/", pathNot: "^src/contracts/|^src/platform/contract\\.ts$" },
    },
    {
      name: "contracts-of-one-source",
      comment: "Contracts of one service do not lean on those of another.",
      severity: "error",
      from: { path: "^src/contracts/([^/]+)/" },
      to: { path: "^src/contracts/", pathNot: "^src/contracts/$1/" },
    },
    {
      name: "platform-knows-no-business",
      comment: "The machinery has no business word in it: it imports nothing but itself.",
      severity: "error",
      from: { path: "^src/platform/" },
      to: { path: "^src/", pathNot: "^src/platform/" },
    },
    {
      name: "people-below-services",
      comment: "What every service knows of the people stands on the platform and the contracts.",
      severity: "error",
      from: { path: "^src/people/" },
      to: { path: "^src/", pathNot: "^src/(people|platform|contracts)/" },
    },
    {
      name: "database-in-the-platform",
      comment:
        "Handlers get `sql`; the driver stays in the platform and the composition, so that the outbox cannot be bypassed.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(platform|app)/" },
      to: { path: "(^|/)node_modules/(@types/)?(pg|postgres)/" },
    },
    {
      name: "http-in-its-place",
      comment: "Routes are data. Fastify is known to platform/http, the composition and the sign-in provider.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot:
          "^src/platform/http/|^src/app/|^src/services/auth/(provider[^/]*|front|interaction|page-scope|[a-z-]+-routes|web-session/[a-z-]+-routes)\\.ts$",
      },
      to: { path: "(^|/)node_modules/(@fastify/|fastify/)" },
    },
    {
      name: "traces-in-one-file",
      comment:
        "OpenTelemetry is known to platform/tracing.ts, and that is loaded by the composition where traces are wanted.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/platform/tracing\\.ts$" },
      to: { path: "(^|/)node_modules/@opentelemetry/" },
    },
    {
      name: "traces-where-wanted",
      comment: "Everybody else knows the type alone: without traces, their code is not loaded.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/app/start\\.ts$" },
      to: { path: "^src/platform/tracing\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-test-code-in-production",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|bench)/" },
    },
    {
      name: "declared-packages-only",
      comment: "What runs in production is a dependency of the package, not something another package brought along.",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], pathNot: "(^|/)node_modules/@types/" },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphans",
      comment: "Code that nothing imports is either an entry point or dead.",
      severity: "error",
      from: { orphan: true, path: "^src/", pathNot: "\\.d\\.ts$" },
      to: {},
    },
    {
      name: "no-unreachable",
      comment: "Every file of src is reached from an entry point: main, the generators, or a test.",
      severity: "error",
      from: { path: "^(src/(main|app/(generate|pack-leaked-passwords))\\.ts$|test/|bench/)" },
      to: { path: "^src/", pathNot: "\\.d\\.ts$|^src/(main|app/pack-leaked-passwords)\\.ts$", reachable: false },
    },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(data|runtime|web)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
    builtInModules: { add: ["node:sqlite", "node:test", "node:test/reporters", "node:sea"] },
  },
};
