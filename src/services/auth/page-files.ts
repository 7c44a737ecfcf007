/** What every page that is made on the server loads from us: its style and its one small script. */
import { readFileSync } from "node:fs";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

/** The colours and measures of the app are those of these pages. */
const tokens = read("../../../web/src/styles/tokens.css");
/** The app's rule for the dark needs the script below; without JavaScript the system decides. */
const dark = /:root\[data-theme="dark"\] (\{[^}]*\})/.exec(tokens)?.[1] ?? "";
const withoutScript = `@media (prefers-color-scheme: dark) { @layer tokens { :root:not([data-theme]) ${dark} } }`;

/** Served from `/login/style.css`, so that the pages need no inline style. */
export const style = [tokens, withoutScript, read("./page-style.css")].join("\n");

/** Served from `/login/page.js`: the theme that was chosen in the app, and passwords that can be looked at. */
export const pageScript = `"use strict";
const theme = localStorage.getItem("popug.theme");
if (theme) document.documentElement.dataset.theme = theme;
addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll(".secret button")) {
    const input = button.previousElementSibling;
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
    });
    input.form.addEventListener("submit", () => (input.type = "password"));
  }
});
`;
