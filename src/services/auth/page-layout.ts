/** What all pages that are made on the server have in common: frame, fields, language. */
import type { IncomingHttpHeaders } from "node:http";
import type { Settings } from "../../settings.ts";
import { cookieOf } from "./web-session/cookies.ts";

const languages = { en: "English", ru: "Русский" } as const;

export type Language = keyof typeof languages;

/** How a page is shown: to whom, and where. */
export type Look = {
  language: Language;
  /** Says on each page that this is a demo, where anybody may be anybody. */
  demo: boolean;
};

/** The language that somebody chose on these pages. */
export const LANGUAGE_COOKIE = "__Host-popug-language";

const words = {
  en: {
    demo: "A demo: anybody on this machine may sign in as anybody.",
    language: "Language",
    show: "Show the password",
  },
  ru: {
    demo: "Демонстрация: любой за этим компьютером может войти под любым именем.",
    language: "Язык",
    show: "Показать пароль",
  },
} as const;

type Extras = {
  /** The path of a script that is served by us; every page works without. */
  script?: string;
  /** For a page that shows many things side by side. */
  wide?: boolean;
};

/** A whole page. `title` and `content` are HTML: escape what comes from outside. Pages carry no style or script of their own. */
export function layout(look: Look, title: string, content: string, { script, wide = false }: Extras = {}): string {
  const say = words[look.language];
  const others = Object.entries(languages).map(([language, name]) =>
    language === look.language
      ? `<span lang="${language}" aria-current="true">${name}</span>`
      : `<a lang="${language}" hreflang="${language}" href="/login/language/${language}">${name}</a>`,
  );
  return `<!doctype html>
<html lang="${look.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f6f8">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#111216">
<title>${title} · Popug</title>
<link rel="icon" type="image/svg+xml" href="/icon.svg">
<link rel="stylesheet" href="/login/style.css">
<script src="/login/page.js"></script>${script === undefined ? "" : `\n<script src="${escapeHtml(script)}" defer></script>`}
</head>
<body>
${look.demo ? `<p class="demo" role="note">${say.demo}</p>\n` : ""}<div class="brand"><img src="/icon.svg" alt="" width="28" height="28">UberPopug</div>
<main${wide ? ' class="wide"' : ""}>
<h1>${title}</h1>
${content}
</main>
<footer><nav aria-label="${say.language}">${others.join("\n")}</nav></footer>
</body>
</html>`;
}

/** A field with its label. `attributes` is HTML; `aside` stands at the end of the label's line. */
export function field(id: string, label: string, attributes: string, aside = ""): string {
  return `<div class="label"><label for="${id}">${label}</label>${aside}</div>
<input id="${id}" name="${id}" ${attributes}>`;
}

const EYE = `<svg width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M2 12s3.600-6.500 10-6.500S22 12 22 12s-3.600 6.500-10 6.500S2 12 2 12z"/><circle cx="12" cy="12" r="3"/><path class="slash" d="M4 20 20 4"/></svg>`;

/** A field for a password; with JavaScript one can look at what was typed. */
export function passwordField(look: Look, id: string, label: string, attributes: string, aside = ""): string {
  return `<div class="label"><label for="${id}">${label}</label>${aside}</div>
<span class="secret"><input id="${id}" name="${id}" type="password" required ${attributes}><button type="button" hidden
  aria-pressed="false" aria-controls="${id}" aria-label="${words[look.language].show}">${EYE}</button></span>`;
}

/** The one thing to do next on a page that has nothing to fill in. */
export const wayOn = (href: string, text: string) => `<a class="button primary" href="${href}">${text}</a>`;

/** How to show a page to whoever sent these headers. */
export function lookOf(settings: Pick<Settings, "demo">, headers: IncomingHttpHeaders): Look {
  return { language: languageOf(headers), demo: settings.demo };
}

/** The one that was chosen here; else English, unless the browser prefers Russian. */
function languageOf(headers: IncomingHttpHeaders): Language {
  const chosen = cookieOf(headers, LANGUAGE_COOKIE);
  if (isLanguage(chosen)) return chosen;
  const preferred = (headers["accept-language"] ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", quality] = part.trim().split(";q=");
      return { language: tag.toLowerCase().split("-")[0], quality: quality === undefined ? 1 : Number(quality) || 0 };
    })
    .filter(({ language }) => isLanguage(language))
    .sort((a, b) => b.quality - a.quality);
  return preferred[0]?.language === "ru" ? "ru" : "en";
}

/** Whether these pages speak it. */
export const isLanguage = (text: string | undefined): text is Language =>
  text !== undefined && Object.hasOwn(languages, text);

/** Text as HTML, in content and in attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
