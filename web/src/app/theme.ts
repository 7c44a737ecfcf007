/** Light or dark: the system's choice until the person makes one. */
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

const watchers = new Set<() => void>();
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

const show = (theme: Theme) => {
  root.dataset["theme"] = theme;
  for (const watch of watchers) watch();
};

system.addEventListener("change", () => {
  if (localStorage.getItem("popug.theme") === null) show(system.matches ? "dark" : "light");
});

/** `null`: as the system has it. */
export function setTheme(theme: Theme | null): void {
  if (theme === null) localStorage.removeItem("popug.theme");
  else localStorage.setItem("popug.theme", theme);
  show(theme ?? (system.matches ? "dark" : "light"));
}

export const useTheme = (): Theme =>
  useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => (root.dataset["theme"] === "dark" ? "dark" : "light"),
  );
