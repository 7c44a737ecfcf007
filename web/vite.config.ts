/** Builds `dist`: hashed files, their compressed forms beside them, and the paths that the server answers with the app. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { paths } from "./src/paths.ts";

const compressible = /\.(js|css|html|svg|json)$/;

/** Compressed once here instead of for each request. */
function compressed(): Plugin {
  return {
    name: "popug:compressed",
    apply: "build",
    async writeBundle({ dir = "dist" }) {
      await writeFile(join(dir, "paths.json"), JSON.stringify(Object.values(paths)));
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
 * What every page needs, in one chunk: in the thirty that sharing makes of it, it would be a tenth larger. Pages, popups
 * and texts stay chunks of their own.
 */
const shell = new RegExp(
  [
    "web/src/(main|paths|api/|live/|keys/|app/(?!palette|cheat-sheet)|i18n/(text|namespaces))",
    "web/src/format/(language|money|numbers|dates)",
    "web/src/data/(queries|people|accounts|pending-entries|counters|shuffle|tasks)\\.ts",
    "web/src/ui/(button|classes|states|toast|tooltip|parts|avatar|money|ui\\.module)",
    "web/src/pages/[^/]+/route\\.ts",
    "node_modules/(react|react-dom|scheduler|openapi-fetch|use-sync-external-store)/",
    "node_modules/@tanstack/(?!react-virtual|virtual-core)",
  ].join("|"),
);

/** `vite dev` stands before a running Popug; signed in there, or with the token that POPUG_TOKEN holds. */
const target = process.env.POPUG_URL ?? "http://localhost:7070";
const token = process.env.POPUG_TOKEN;
const backend = { target, ...(token && { headers: { authorization: `Bearer ${token}` } }) };

export default defineConfig({
  plugins: [layered(), react(), compressed()],
  build: {
    target: "es2023",
    cssMinify: "lightningcss",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "shell", test: shell }] } } },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": backend, "/auth": backend, "/login": backend, "/oidc": backend } },
});
