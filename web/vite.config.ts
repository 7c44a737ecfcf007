/** Builds `dist`: hashed files, their compressed forms beside them, and the paths that the server answers with the app. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { paths } from "./src/paths.ts";

const compressible = /\.(js|css|html|svg|json)$/;

/** The page at an address, below `src/pages`: that of its first word, unless it is named here. */
const pageAt = (path: string) =>
  ({
    [paths.accountOf]: "account/page.tsx",
    [paths.billingDay]: "billing-days/day-page.tsx",
    [paths.explainEntry]: "explain/entry-page.tsx",
  })[path] ?? `${path.split("/")[1]}/page.tsx`;

/**
 * Writes `paths.json`: every address with the files of its page. The server names them together with `index.html`, so
 * that a browser fetches them beside the shell; the shell itself would have to know them of all pages.
 */
function addresses(): Plugin {
  return {
    name: "popug:addresses",
    apply: "build",
    async writeBundle({ dir = "dist" }, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
      const filesOf = (path: string) => {
        const files = new Set<string>();
        const add = (chunk: (typeof chunks)[number] | undefined) => {
          if (chunk === undefined || files.has(chunk.fileName)) return;
          files.add(chunk.fileName);
          for (const sheet of chunk.viteMetadata?.importedCss ?? []) files.add(sheet);
          for (const name of chunk.imports) add(chunks.find((one) => one.fileName === name));
        };
        add(chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(`/src/pages/${pageAt(path)}`))));
        return [...files].map((name) => `/${name}`);
      };
      const found = Object.fromEntries(Object.values(paths).map((path) => [path, filesOf(path)]));
      await writeFile(join(dir, "paths.json"), JSON.stringify(found));
    },
  };
}

/** Compressed once here instead of for each request. */
function compressed(): Plugin {
  return {
    name: "popug:compressed",
    apply: "build",
    async writeBundle({ dir = "dist" }) {
      const names = (await readdir(dir, { recursive: true })).filter((name) => compressible.test(name));
      await Promise.all(
        names.map(async (name) => {
          const file = join(dir, name);
          const bytes = await readFile(file);
          const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
          await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes, { params }));
          await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
        }),
      );
    },
  };
}

/** Every style sheet says the order of the layers first: which one the browser meets first is then of no matter. */
function layered(): Plugin {
  return {
    name: "popug:layered",
    enforce: "pre",
    transform: {
      filter: { id: /\.css$/ },
      handler: (code) => ({ code: `@layer reset, tokens, base, ui, page;\n${code}`, map: null }),
    },
  };
}

/**
 * Icons as `src/ui/create-icon.ts` draws them: without their own factory, and the random keys of their shapes, which
 * would be a fortieth of what a browser loads first.
 */
function leanIcons(): Plugin {
  const factory = join(import.meta.dirname, "src/ui/create-icon.ts");
  return {
    name: "popug:lean-icons",
    apply: "build",
    transform: {
      filter: { id: /lucide-react\/dist\/esm\/icons\// },
      handler: (code) => ({
        code: code
          .replaceAll(/,\s*key: "\w+"|name: "[\w-]+",|,\s*aliases: \[[^\]]*\]/g, "")
          .replace("../createLucideIcon.mjs", factory),
        map: null,
      }),
    },
  };
}

/**
 * What every page needs, in one chunk: in the thirty that sharing makes of it, it would be a tenth larger. Pages, popups
 * and texts stay chunks of their own.
 */
const shell = new RegExp(
  [
    "web/src/(main|paths|api/|live/stream|keys/keyboard|app/(?!palette|cheat-sheet|later|shuffle-progress)|i18n/(text|namespaces))",
    "web/src/format/(language|money|numbers|dates)",
    "web/src/data/(queries|people|accounts|counters|tasks|money)\\.ts",
    "web/src/ui/(button|classes|states|skeleton|ui\\.module)",
    "web/src/pages/[^/]+/route\\.ts",
    "node_modules/(react|react-dom|scheduler|use-sync-external-store)/",
    // Lists in pages, changes and several questions at once come with the pages that need them.
    "node_modules/@tanstack/(?!react-virtual|virtual-core|.*/(mutationObserver|useMutation|(use)?[iI]nfiniteQuery\\w*|queriesObserver|useQueries)\\.js)",
  ].join("|"),
);

const sheets = new Map<string, string>();

/** `ui_button`: it is read in the sheet and in the script, so short, and much like its name. */
function classOf(name: string, file: string): string {
  const path = file.split("?", 1)[0] ?? "";
  const sheet = basename(path, ".module.css");
  if ((sheets.get(sheet) ?? path) !== path) throw new Error(`${sheets.get(sheet)} and ${path} have the same name`);
  sheets.set(sheet, path);
  return `${sheet}_${name}`;
}

/** `vite dev` stands before a running Popug; signed in there, or with the token that POPUG_TOKEN holds. */
const target = process.env.POPUG_URL ?? "http://localhost:7070";
const token = process.env.POPUG_TOKEN;
const backend = { target, ...(token && { headers: { authorization: `Bearer ${token}` } }) };

export default defineConfig(({ command }) => ({
  plugins: [layered(), leanIcons(), react(), addresses(), compressed()],
  build: {
    target: "es2023",
    cssMinify: "lightningcss",
    assetsInlineLimit: 0,
    // What a page needs is named by the server (`addresses` above), and by the page itself.
    modulePreload: false,
    manifest: true,
    rolldownOptions: {
      output: {
        // The shell names them all; which is which says `.vite/manifest.json`.
        chunkFileNames: "assets/[hash:8].js",
        assetFileNames: "assets/[hash:8][extname]",
        codeSplitting: { groups: [{ name: "shell", test: shell }] },
      },
    },
    reportCompressedSize: false,
  },
  // React's extension of browsers looks at `vite dev`; what it hooks into is left out of what is built.
  define: { ...(command === "build" && { __REACT_DEVTOOLS_GLOBAL_HOOK__: "undefined" }) },
  css: { modules: { generateScopedName: classOf } },
  resolve: {
    // React has the hook itself; the shim is for those before it. No colour is animated by d3.
    alias: [
      {
        find: /^use-sync-external-store\/shim\/with-selector(\.js)?$/,
        replacement: "use-sync-external-store/with-selector",
      },
      { find: /^use-sync-external-store\/shim$/, replacement: "react" },
      { find: "d3-color", replacement: join(import.meta.dirname, "src/pages/event-flow/no-colors.ts") },
    ],
  },
  server: { proxy: { "/api": backend, "/auth": backend, "/login": backend, "/oidc": backend } },
}));
