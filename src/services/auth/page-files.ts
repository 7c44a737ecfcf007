/** What pages that are made on the server load from us: their style and two small scripts. */
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

/** For pages behind a link whose secret stands behind the #. */
export const LINK_SCRIPT_PATH = "/login/link.js";

/** Takes the secret out of the address into the form, and sends one that asks for nothing else. */
export const linkScript = `"use strict";
const field = document.querySelector("#token");
function take() {
  const secret = location.hash.slice(1);
  // Another language is the same page opened anew, by the same link.
  for (const link of document.querySelectorAll("footer a")) link.hash = secret || field.value;
  if (secret === "") return;
  field.value = secret;
  field.closest("div").hidden = true;
  history.replaceState(null, "", location.pathname);
  if (field.form.dataset.sent === "at-once") field.form.submit();
}
take();
addEventListener("hashchange", take);
`;
