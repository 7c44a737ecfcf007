/** What the sign-in page offers besides a password: in a demo, to be anybody; and another provider of the company. */
import { Refusal } from "../../platform/refusal.ts";
import type { Sql } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { popugShapes } from "../../people/popug-picture.ts";
import { roles } from "../../people/policy.ts";
import { escapeHtml, type Look } from "./page-layout.ts";
import { recordAudit } from "./security-audit.ts";
import { findUserByLogin, findUsers } from "./user-store.ts";
import type { User } from "./users.ts";

const words = {
  en: {
    elsewhere: (name: string) => `Sign in with ${name}`,
    roles: {
      worker: ["Workers", "do tasks, see what they earn"],
      manager: ["Managers", "create tasks and shuffle them"],
      accountant: ["Accountants", "see all accounts and close the day"],
      admin: ["Admins", "see everything"],
    },
  },
  ru: {
    elsewhere: (name: string) => `Войти через ${name}`,
    roles: {
      worker: ["Исполнители", "выполняют задачи и видят заработок"],
      manager: ["Менеджеры", "создают и перемешивают задачи"],
      accountant: ["Бухгалтеры", "видят все счета и закрывают день"],
      admin: ["Администраторы", "видят всё"],
    },
  },
} as const;

/** More than a demo has. */
const MAX_SHOWN = 100;

/** The way to another provider of the company, if there is one, as HTML; `action` is the address of the page. */
export function elsewhere({ otherProvider }: Settings, look: Look, action: string): string {
  if (otherProvider === null) return "";
  const text = escapeHtml(words[look.language].elsewhere(otherProvider.name));
  return `<a class="button line" href="${escapeHtml(action)}/elsewhere">${text}</a>`;
}

/** In a demo everybody, by the most that they may do, as HTML; else nothing. */
export async function everybody(
  { settings, sql }: { settings: Settings; sql: Sql },
  look: Look,
  action: string,
): Promise<string> {
  if (!settings.demo) return "";
  const filter = { text: undefined, role: undefined, status: "active" as const };
  const people = await findUsers(sql, filter, undefined, MAX_SHOWN);
  const groups = roles.toReversed().flatMap((role) => {
    const those = people.filter((user) => highestRole(user) === role);
    const [title, what] = words[look.language].roles[role];
    return those.length === 0
      ? []
      : `<h2>${title}<small>${what}</small></h2><div class="people">${those.map(button).join("\n")}</div>`;
  });
  return `<form method="post" action="${escapeHtml(action)}/as">${groups.join("\n")}</form>`;
}

const highestRole = (user: User) => roles.findLast((role) => user.roles.includes(role));

function button({ userId, login, name }: User): string {
  const shapes = popugShapes(userId).map(([element, attributes]) => {
    const pairs = Object.entries(attributes).map(([attribute, value]) => ` ${attribute}="${value}"`);
    return `<${element}${pairs.join("")}/>`;
  });
  return `<button type="submit" name="as" value="${escapeHtml(login)}"><svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">${shapes.join("")}</svg>${escapeHtml(name)}</button>`;
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
