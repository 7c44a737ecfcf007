/** What the sign-in page offers besides a password: in a demo, to be anybody; and another provider of the company. */
import { Refusal } from "../../platform/refusal.ts";
import type { Sql } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { escapeHtml, type Look } from "./page-layout.ts";
import { recordAudit } from "./security-audit.ts";
import { findUserByLogin, findUsers } from "./user-store.ts";
import type { User } from "./users.ts";

const words = {
  en: {
    elsewhere: (name: string) => `Sign in with ${name}`,
    demo: "Or be somebody",
    roles: { worker: "worker", manager: "manager", accountant: "accountant", admin: "admin" },
  },
  ru: {
    elsewhere: (name: string) => `Войти через ${name}`,
    demo: "Или войдите как",
    roles: { worker: "работник", manager: "менеджер", accountant: "бухгалтер", admin: "администратор" },
  },
} as const;

/** More than a demo has. */
const MAX_SHOWN = 100;

/** The part of the page, as HTML; `action` is the address of the page. */
export async function otherWaysIn(
  { settings, sql }: { settings: Settings; sql: Sql },
  look: Look,
  action: string,
): Promise<string> {
  const say = words[look.language];
  const { otherProvider } = settings;
  const elsewhere =
    otherProvider === null
      ? ""
      : `<p><a class="button" href="${escapeHtml(action)}/elsewhere">${escapeHtml(say.elsewhere(otherProvider.name))}</a></p>`;
  if (!settings.demo) return elsewhere;
  const filter = { text: undefined, role: undefined, status: "active" as const };
  const people = await findUsers(sql, filter, undefined, MAX_SHOWN);
  const button = ({ login, name, roles }: User) =>
    `<button type="submit" name="as" value="${escapeHtml(login)}" class="quiet">${escapeHtml(name)}<small>${roles
      .map((role) => say.roles[role])
      .join(", ")}</small></button>`;
  return `${elsewhere}<h2>${say.demo}</h2>
<form method="post" action="${escapeHtml(action)}/as" class="people">${people.map(button).join("\n")}</form>`;
}

/** In a demo, whoever is chosen, without a password. @throws Refusal `no-such-route` where this is no demo */
export async function beSomebody(
  { settings, sql }: { settings: Settings; sql: Sql },
  login: string,
): Promise<string | undefined> {
  if (!settings.demo) throw new Refusal("not-found", "no-such-route", "There is nothing at this address.");
  const user = await findUserByLogin(sql, login);
  if (user?.status !== "active") return undefined;
  await recordAudit(sql, "sign-in.succeeded", `user:${user.userId}`, user.userId, { method: "demo" });
  return user.userId;
}
