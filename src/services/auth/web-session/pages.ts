/** The start page, and the page of a sign-in that did not succeed. */
import { escapeHtml, layout, type Look, wayOn } from "../page-layout.ts";
import type { User } from "../users.ts";

const words = {
  en: {
    welcome: "The task exchange",
    about: "Tasks are drawn, prices too, and the books close every day.",
    signIn: "Sign in",
    signOut: "Sign out",
    roles: { worker: "worker", manager: "manager", accountant: "accountant", admin: "admin" },
    api: "The API, described (OpenAPI)",
    failed: "You are not signed in",
    failedText: "The sign-in took too long, was begun elsewhere, or was refused.",
    laterText: "Sign-in is not available right now. Try again in a moment.",
    again: "Try again",
  },
  ru: {
    welcome: "Биржа задач",
    about: "Задачи и цены разыгрываются, а книги закрываются каждый день.",
    signIn: "Войти",
    signOut: "Выйти",
    roles: { worker: "исполнитель", manager: "менеджер", accountant: "бухгалтер", admin: "администратор" },
    api: "Описание API (OpenAPI)",
    failed: "Войти не получилось",
    failedText: "Вход занял слишком много времени, был начат в другом месте или отклонён.",
    laterText: "Вход сейчас недоступен. Попробуйте ещё раз чуть позже.",
    again: "Попробовать снова",
  },
} as const;

/** `/`: who I am, or how to become somebody. */
export function homePage(look: Look, user: User | undefined): string {
  const say = words[look.language];
  const api = `<p><a href="/api/openapi.json">${say.api}</a></p>`;
  if (user === undefined) {
    return layout(look, say.welcome, `<p>${say.about}</p>${wayOn("/auth/login", say.signIn)}${api}`);
  }
  const roles = user.roles.map((role) => say.roles[role]).join(", ");
  return layout(
    look,
    escapeHtml(user.name),
    `<p>${escapeHtml(user.login)} · ${roles}</p>
<form method="post" action="/auth/logout"><button type="submit" class="line">${say.signOut}</button></form>${api}`,
  );
}

/** @param later true: the same may work in a moment */
export function notSignedInPage(look: Look, later: boolean): string {
  const say = words[look.language];
  return layout(look, say.failed, `<p>${later ? say.laterText : say.failedText}</p>${wayOn("/auth/login", say.again)}`);
}
