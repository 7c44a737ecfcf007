/**
 * The HTML of a mail as its reader sees it: in a shadow root, so that its styles stay in it and ours stay out. Our policy
 * of content takes no styles from markup, so they are set by script; scripts of a mail never run.
 */
import { useEffect, useRef } from "react";
import styles from "./mails.module.css";

export function MailBody({ html }: { html: string }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const host = ref.current;
    if (host === null) return;
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    const parsed = new DOMParser().parseFromString(withoutStyles(html), "text/html");
    const sheets = [...html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/gi)].map(([, text = ""]) => {
      const sheet = new CSSStyleSheet();
      // What a mail says of its body holds for the box in which it stands.
      sheet.replaceSync(text.replaceAll(/(^|[\s,}])(html|body)(?=[\s,{])/g, "$1:host"));
      dropDark(sheet);
      return sheet;
    });
    for (const element of parsed.querySelectorAll("script, iframe, object, link, meta")) element.remove();
    root.replaceChildren(...[...parsed.body.childNodes].map((node) => document.importNode(node, true)));
    for (const element of root.querySelectorAll<HTMLElement>("[data-css]")) {
      element.style.cssText = element.dataset["css"] ?? "";
      delete element.dataset["css"];
    }
    for (const link of root.querySelectorAll("a")) {
      link.target = "_blank";
      link.rel = "noreferrer";
    }
    root.adoptedStyleSheets = sheets;
  }, [html]);
  return <div ref={ref} className={styles.body} data-theme="light" />;
}

/** The mail is shown on white paper, whatever the reader's system prefers: half of its dark colours would be unreadable. */
function dropDark(sheet: CSSStyleSheet): void {
  for (let at = sheet.cssRules.length - 1; at >= 0; at--) {
    const rule = sheet.cssRules[at];
    if (rule instanceof CSSMediaRule && rule.conditionText.includes("prefers-color-scheme")) sheet.deleteRule(at);
  }
}

const withoutStyles = (html: string) =>
  html.replaceAll(/<style[\s\S]*?<\/style>/gi, "").replaceAll(/\sstyle=(?=["'])/gi, " data-css=");
