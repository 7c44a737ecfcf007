/** Arrays in the form in which PostgreSQL reads them. Pure. */

/** What needs no quotes: numbers, ids, times, words; `null` would be read as nothing. */
const PLAIN = /^(?!null$)[\w.:+/-]+$/i;

/**
 * An array as one text; undefined for one that holds more than numbers, texts, truths, moments and nothing. The driver
 * would quote and escape each element, which takes it, and the server behind it, several times as long; what is booked
 * consists of arrays.
 */
export function arrayLiteral(values: readonly unknown[]): string | undefined {
  let text = "{";
  for (const value of values) {
    if (text.length > 1) text += ",";
    if (typeof value === "number" || typeof value === "boolean") text += String(value);
    else if (typeof value === "string") text += PLAIN.test(value) ? value : quoted(value);
    else if (value === null || value === undefined) text += "NULL";
    else if (value instanceof Date) text += value.toISOString();
    else return undefined;
  }
  return `${text}}`;
}

const quoted = (text: string) => `"${text.replace(/[\\"]/g, "\\$&")}"`;
