/** The places of the app: one list for the sidebar, the palette, the bar of a small screen and the keys. */
import {
  Activity,
  BookOpen,
  CalendarDays,
  CalendarOff,
  ChartNoAxesCombined,
  CircleCheckBig,
  Landmark,
  ListChecks,
  type LucideIcon,
  Mail,
  Settings,
  SlidersHorizontal,
  ShieldCheck,
  TriangleAlert,
  Users,
  Wallet,
  WalletCards,
  Waypoints,
} from "lucide-react";
import { isDrawn, may, type Policy, type Role } from "../data/people.ts";
import type { paths } from "../paths.ts";

export type Area = "work" | "money" | "team" | "operations";
export type PlaceName =
  | "tasks"
  | "my-tasks"
  | "account"
  | "company"
  | "accounts"
  | "billing-days"
  | "analytics"
  | "people"
  | "days-away"
  | "security-audit"
  | "event-flow"
  | "event-catalogue"
  | "dead-letters"
  | "explain"
  | "mails"
  | "company-settings"
  | "settings";

export type Place = {
  name: PlaceName;
  to: (typeof paths)[keyof typeof paths];
  area: Area;
  icon: LucideIcon;
  policy: Policy;
  /** Go there by these. */
  keys?: string;
  /** False: not in the bar of a small screen, whose four places are dear. */
  inBar?: false;
};

export const places: readonly Place[] = [
  { name: "tasks", to: "/tasks", area: "work", icon: ListChecks, policy: "everyone", keys: "KeyG KeyT" },
  { name: "my-tasks", to: "/my-tasks", area: "work", icon: CircleCheckBig, policy: "drawn", keys: "KeyG KeyY" },
  { name: "account", to: "/account", area: "money", icon: Wallet, policy: "everyone", keys: "KeyG KeyM" },
  { name: "company", to: "/company", area: "money", icon: Landmark, policy: "accounts", keys: "KeyG KeyC" },
  { name: "accounts", to: "/accounts", area: "money", icon: WalletCards, policy: "accounts", keys: "KeyG KeyU" },
  {
    name: "billing-days",
    to: "/billing-days",
    area: "money",
    icon: CalendarDays,
    policy: "accounts",
    keys: "KeyG KeyB",
  },
  { name: "analytics", to: "/analytics", area: "money", icon: ChartNoAxesCombined, policy: "admin", keys: "KeyG KeyA" },
  { name: "people", to: "/people", area: "team", icon: Users, policy: "admin", keys: "KeyG KeyP" },
  { name: "days-away", to: "/days-away", area: "team", icon: CalendarOff, policy: "shuffle", keys: "KeyG KeyW" },
  {
    name: "security-audit",
    to: "/security-audit",
    area: "team",
    icon: ShieldCheck,
    policy: "admin",
    keys: "KeyG KeyH",
  },
  { name: "event-flow", to: "/event-flow", area: "operations", icon: Activity, policy: "admin", keys: "KeyG KeyE" },
  {
    name: "event-catalogue",
    to: "/event-catalogue",
    area: "operations",
    icon: BookOpen,
    policy: "everyone",
    keys: "KeyG KeyK",
    inBar: false,
  },
  {
    name: "dead-letters",
    to: "/dead-letters",
    area: "operations",
    icon: TriangleAlert,
    policy: "admin",
    keys: "KeyG KeyD",
  },
  { name: "explain", to: "/explain", area: "operations", icon: Waypoints, policy: "everyone", keys: "KeyG KeyX" },
  { name: "mails", to: "/mails", area: "operations", icon: Mail, policy: "admin", keys: "KeyG KeyL" },
  {
    name: "company-settings",
    to: "/company-settings",
    area: "team",
    icon: SlidersHorizontal,
    policy: "admin",
    keys: "KeyG KeyO",
  },
  { name: "settings", to: "/settings", area: "team", icon: Settings, policy: "everyone", keys: "KeyG KeyS" },
];

/** The place that an address belongs to: its own, or one below it. */
export const placeAt = (pathname: string): Place | undefined =>
  places.find(({ to }) => pathname === to || pathname.startsWith(`${to}/`));

export const areas: readonly Area[] = ["work", "money", "team", "operations"];

/** The places that somebody with these roles may go to; their own tasks stand first for those who have some. */
export function placesFor(roles: readonly Role[]): readonly Place[] {
  const allowed = places.filter((place) => may(roles, place.policy));
  return isDrawn(roles)
    ? allowed.toSorted((a, b) => Number(b.name === "my-tasks") - Number(a.name === "my-tasks"))
    : allowed;
}

/** Where somebody begins. */
export function homeOf(roles: readonly Role[]): "/my-tasks" | "/company" | "/tasks" {
  if (roles.includes("admin") || (roles.includes("accountant") && !roles.includes("worker"))) return "/company";
  return roles.includes("manager") ? "/tasks" : "/my-tasks";
}
