/** What all pages that are made on the server have in common: frame, style, language. */
import type { IncomingHttpHeaders } from "node:http";

export type Language = "en" | "ru";

/** How a page is shown: to whom, and where. */
export type Look = {
  language: Language;
  /** Says on each page that this is a demo, where anybody may be anybody. */
  demo: boolean;
};

const words = {
  en: { demo: "A demo: anybody on this machine may sign in as anybody." },
  ru: { demo: "Демонстрация: любой за этим компьютером может войти под любым именем." },
} as const;

/**
 * A whole page. `title` and `content` are HTML: escape what comes from outside. Pages carry no style or script of their
 * own; `script` is the path of one that is served by us.
 */
export function layout(look: Look, title: string, content: string, script?: string): string {
  return `<!doctype html>
<html lang="${look.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Popug</title>
<link rel="stylesheet" href="/login/style.css">${
    script === undefined ? "" : `\n<script src="${escapeHtml(script)}" defer></script>`
  }
</head>
<body>
${look.demo ? `<p class="demo" role="note">${words[look.language].demo}</p>\n` : ""}<main>
<p class="brand">Popug</p>
<h1>${title}</h1>
${content}
</main>
</body>
</html>`;
}

/** English, unless the browser prefers Russian. */
export function languageOf(headers: IncomingHttpHeaders): Language {
  const preferred = (headers["accept-language"] ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", quality] = part.trim().split(";q=");
      return { language: tag.toLowerCase().split("-")[0], quality: quality === undefined ? 1 : Number(quality) || 0 };
    })
    .filter(({ language }) => language === "ru" || language === "en")
    .sort((a, b) => b.quality - a.quality);
  return preferred[0]?.language === "ru" ? "ru" : "en";
}

/** Text as HTML, in content and in attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Served from `/login/style.css`, so that the pages need no inline style. */
export const style = `
:root { color-scheme: light dark; --ink: #1d2320; --paper: #f4f6f4; --card: #fff; --line: #c9d2cc; --accent: #1e6b4a;
  --accent-ink: #fff; --warn: #8a2b0d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ece9; --paper: #141816; --card: #1c221f; --line: #46514b;
  --accent: #5cc293; --accent-ink: #0c1410; --warn: #ffb394; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 22rem; padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; }
.brand { margin: 0; font-weight: 600; color: var(--accent); }
h1 { margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 500; }
input { width: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--line); border-radius: .4rem; }
button { width: 100%; margin-top: 1.5rem; padding: .7rem; font: inherit; font-weight: 600; border: 1px solid var(--accent);
  border-radius: .4rem; background: var(--accent); color: var(--accent-ink); cursor: pointer; }
button.quiet { margin-top: .75rem; background: none; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
a.button { display: block; margin-top: .75rem; padding: .7rem; border: 1px solid var(--accent); border-radius: .4rem;
  font-weight: 600; text-align: center; text-decoration: none; }
h2 { margin: 2rem 0 0; font-size: 1rem; }
.people { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: .5rem; margin-top: .75rem; }
.people button { margin: 0; padding: .5rem; font-size: .875rem; }
.people small { display: block; font-weight: 400; }
.demo { position: fixed; inset: 0 0 auto; margin: 0; padding: .4rem 1rem; text-align: center; background: var(--warn);
  color: var(--card); }
main:has(.codes) { max-width: 44rem; }
.codes dt { margin-top: 1.5rem; font-weight: 600; scroll-margin-top: 3rem; }
.codes dt:target { outline: 3px solid var(--accent); outline-offset: 4px; border-radius: .2rem; }
.codes dd { margin: .25rem 0 0; overflow-wrap: anywhere; }
.notice { margin: 0; padding: .6rem .75rem; border-left: 4px solid var(--warn); color: var(--warn); }
`;
