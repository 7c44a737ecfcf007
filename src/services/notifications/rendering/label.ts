import { day, type Language } from "./format.ts";
import { words } from "./words.ts";

/** How a mail names a period: `21 November 2026`, or `21 November 2026, part 2` after an early close. */
export function periodName(label: string, language: Language): string {
  const [date = "", part] = label.split("/");
  const name = day(date, language, true);
  return part === undefined ? name : `${name}, ${words[language].part(Number(part))}`;
}
