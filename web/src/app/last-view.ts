/** How somebody last looked at each page: the filters of its list come back with the menu, a day or an open line does not. */
import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { type PlaceName, placeAt } from "./menu.ts";

const kept = [
  "show",
  "assignee",
  "sort",
  "negative",
  "status",
  "role",
  "kind",
  "source",
  "type",
  "except",
  "days",
  "span",
];

const keyOf = (userId: string, place: PlaceName) => `popug.view.${userId}.${place}`;

/** The search of the address with which a link of the menu leads there. */
export function lastViewOf(userId: string, place: PlaceName): object {
  return JSON.parse(localStorage.getItem(keyOf(userId, place)) ?? "{}") as object;
}

/** Nothing of what somebody looked at stays behind when they sign out. */
export function forgetViews(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith("popug.view.")) localStorage.removeItem(key);
}

/** Remembers what the address says: at once, so that a choice is kept also by who goes on before its page has loaded. */
export function useLastView(userId: string): void {
  const { pathname, search } = useLocation();
  const place = placeAt(pathname)?.name;
  const view = JSON.stringify(Object.fromEntries(Object.entries(search).filter(([name]) => kept.includes(name))));
  useEffect(() => {
    if (place !== undefined) localStorage.setItem(keyOf(userId, place), view);
  }, [userId, place, view]);
}
