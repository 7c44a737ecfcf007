/** HTML that cannot be broken by what people typed: every value in a template is escaped unless it is HTML already. */

export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Escapes text for element content and for attribute values in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** Template tag: `html\`<td>${title}</td>\``. Lists of HTML are joined. */
export function html(parts: TemplateStringsArray, ...values: (string | Html | readonly Html[])[]): Html {
  let text = parts[0] ?? "";
  values.forEach((value, index) => {
    if (value instanceof Html) text += value.text;
    else if (typeof value === "string") text += escapeHtml(value);
    else text += value.map((piece) => piece.text).join("");
    text += parts[index + 1] ?? "";
  });
  return new Html(text);
}
