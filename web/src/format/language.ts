/** The one language of this page load. Another one is another load: nothing has to be able to change under way. */
export type Language = "en" | "ru";

export const language: Language = document.documentElement.lang === "ru" ? "ru" : "en";
/** For `Intl`. */
export const locale = language === "ru" ? "ru-RU" : "en-US";

/** Remembers the language and loads the page anew in it. */
export function setLanguage(next: Language): void {
  localStorage.setItem("popug.language", next);
  location.reload();
}
