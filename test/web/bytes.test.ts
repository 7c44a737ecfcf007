/** What a browser has to load, in gzip; the server sends brotli, which is less and is printed too. */
import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { buildWeb, WEB_DIST } from "../../src/app/build-web.ts";

const KB = 1_024;
/** React with its DOM is 65 of the shell, TanStack Router 26, Query 9. */
const limits = { shell: 115, route: 140, everything: 320, styles: 12, fonts: 50 };

type Chunk = { file: string; imports?: string[]; dynamicImports?: string[]; css?: string[] };

describe("what a browser loads", async () => {
  await buildWeb(() => {});
  const manifest = JSON.parse(await readFile(join(WEB_DIST, ".vite/manifest.json"), "utf8")) as Record<string, Chunk>;
  const sizes = new Map<string, { br: number; gz: number }>();
  for (const name of await readdir(join(WEB_DIST, "assets"))) {
    if (!/\.(js|css)$/.test(name)) continue;
    const of = async (form: string) => (await stat(join(WEB_DIST, "assets", `${name}.${form}`))).size / KB;
    sizes.set(`assets/${name}`, { br: await of("br"), gz: await of("gz") });
  }
  /** A chunk with all that it cannot start without. */
  const closure = (...names: string[]): Set<string> => {
    const found = new Set<string>();
    const add = (name: string) => {
      const chunk = manifest[name];
      if (chunk === undefined || found.has(chunk.file)) return;
      found.add(chunk.file);
      for (const one of chunk.imports ?? []) add(one);
    };
    names.forEach(add);
    return found;
  };
  const weigh = (files: Iterable<string>, form: "br" | "gz" = "gz") =>
    [...files].reduce((sum, file) => sum + (sizes.get(file)?.[form] ?? 0), 0);
  const said = (files: Iterable<string>) =>
    `${weigh(files).toFixed(1)} KB (brotli ${weigh(files, "br").toFixed(1)} KB)`;
  const html = await readFile(join(WEB_DIST, "index.html"), "utf8");
  const entry = Object.keys(manifest).filter(
    (name) => /\.js$/.test(name) && html.includes(`/${manifest[name]?.file}"`),
  );
  const start = [...entry, "src/i18n/ru.ts"];
  const stylesOf = (...names: string[]) => {
    const files = closure(...names);
    const chunks = Object.values(manifest).filter((chunk) => files.has(chunk.file));
    return new Set(chunks.flatMap((chunk) => chunk.css ?? []));
  };

  test(`the shell is at most ${limits.shell} KB`, (t) => {
    const shell = closure(...start);
    t.diagnostic(`shell ${said(shell)}`);
    assert(weigh(shell) <= limits.shell, said(shell));
  });

  for (const name of Object.keys(manifest).filter((one) => /^src\/pages\/.*page\.tsx$/.test(one))) {
    const page = name.slice("src/pages/".length);
    test(`${page} needs at most ${limits.route} KB of scripts and ${limits.styles} KB of styles`, (t) => {
      const scripts = closure(...start, `src/i18n/ru/${page.split("/")[0]}.ts`, name);
      const styles = stylesOf(...start, name);
      t.diagnostic(`${page} ${said(scripts)}, styles ${said(styles)}`);
      assert(weigh(scripts) <= limits.route, said(scripts));
      assert(weigh(styles) <= limits.styles, said(styles));
    });
  }

  test(`all scripts in one language are at most ${limits.everything} KB, the font ${limits.fonts} KB`, async (t) => {
    const english = new Set(
      Object.keys(manifest).flatMap((key) => (key.includes("i18n/en/") ? [manifest[key]?.file] : [])),
    );
    const scripts = [...sizes.keys()].filter((file) => file.endsWith(".js") && !english.has(file));
    const font = (await stat(join(WEB_DIST, "inter-popug.woff2"))).size / KB;
    t.diagnostic(`everything ${said(scripts)}, font ${font.toFixed(1)} KB`);
    assert(weigh(scripts) <= limits.everything, said(scripts));
    assert(font <= limits.fonts);
  });
});
