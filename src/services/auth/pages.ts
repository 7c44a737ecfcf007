/** The pages of the sign-in, made on the server: they work without JavaScript and carry no style or script of their own. */
import { escapeHtml, field, layout, type Look, passwordField, wayOn } from "./page-layout.ts";

const words = {
  en: {
    signIn: "Sign in",
    login: "Login",
    password: "Password",
    submit: "Sign in",
    refused: "Login or password is not right.",
    wait: (seconds: number) => `Too many attempts. Try again in ${duration(seconds, "s", "min")}.`,
    busy: "Too many people are signing in right now. Try again in a moment.",
    passkey: "This passkey does not let you in here.",
    withPasskey: "Sign in with a passkey",
    forgot: "Forgot your password?",
    whoToBe: "Who would you like to be?",
    whoToBeText: "One click, no password. Each role sees other pages.",
    byPassword: "Sign in with a password",
    nobody:
      "Nobody is here yet. Whoever started Popug becomes its admin by the link that stands where it was started; it lives for 30 minutes, and each start makes a new one.",
    expired: "This page has expired",
    expiredText: "Start again from the page you came from.",
    error: "This did not work",
    errorText: "The request to sign in could not be understood. Start again from the page you came from.",
    logout: "Sign out of Popug?",
    yes: "Sign out",
    no: "Stay signed in",
    signedOut: "You are signed out",
    home: "To the start page",
  },
  ru: {
    signIn: "Вход",
    login: "Логин",
    password: "Пароль",
    submit: "Войти",
    refused: "Неверный логин или пароль.",
    wait: (seconds: number) => `Слишком много попыток. Попробуйте снова через ${duration(seconds, "с", "мин")}.`,
    busy: "Сейчас входит слишком много людей. Попробуйте ещё раз чуть позже.",
    passkey: "Этот ключ доступа здесь не подходит.",
    withPasskey: "Войти с ключом доступа",
    forgot: "Забыли пароль?",
    whoToBe: "Кем вы хотите быть?",
    whoToBeText: "Один щелчок, без пароля. Каждая роль видит свои страницы.",
    byPassword: "Войти с паролем",
    nobody:
      "Здесь ещё никого нет. Кто запустил Popug, становится администратором по ссылке там, где запустил: она живёт 30 минут, каждый запуск даёт новую.",
    expired: "Страница устарела",
    expiredText: "Начните снова с той страницы, с которой пришли.",
    error: "Не получилось",
    errorText: "Запрос на вход непонятен. Начните снова с той страницы, с которой пришли.",
    logout: "Выйти из Popug?",
    yes: "Выйти",
    no: "Остаться",
    signedOut: "Вы вышли",
    home: "На главную",
  },
} as const;

/** What stands above the form. */
export type Notice = { kind: "refused" | "busy" | "passkey" | "nobody" } | { kind: "wait"; seconds: number };

/**
 * The sign-in form. It posts to its own address. With JavaScript there is a second one, for passkeys.
 * @param form.passkey what a passkey has to sign, as JSON
 * @param form.elsewhere HTML: the way to another provider
 * @param form.people HTML: in a demo, whom one can be by a click
 */
export function loginPage(
  look: Look,
  form: { action: string; login: string; notice: Notice | null; passkey: string; elsewhere: string; people: string },
): string {
  const say = words[look.language];
  const { notice } = form;
  const text =
    notice === null
      ? ""
      : `<p class="notice${notice.kind === "nobody" ? " calm" : ""}" role="alert" id="notice">${notice.kind === "wait" ? say.wait(notice.seconds) : say[notice.kind]}</p>`;
  const described = notice === null ? "" : ' aria-describedby="notice"';
  const action = escapeHtml(form.action);
  const atLogin = form.people === "" && form.login === "" ? " autofocus" : "";
  const atPassword = form.login === "" ? "" : " autofocus";
  const password = `<form method="post" action="${action}">
${field("login", say.login, `type="text" required maxlength="60" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false"${atLogin} value="${escapeHtml(form.login)}"${described}`)}
${passwordField(look, "password", say.password, `maxlength="128" autocomplete="current-password"${atPassword}`, `<a href="/reset">${say.forgot}</a>`)}
<button type="submit" class="primary">${say.submit}</button>
</form>
<form method="post" action="${action}/passkey" id="passkey" data-options="${escapeHtml(form.passkey)}" hidden>
<input name="response" type="hidden">
<button type="submit" class="line">${KEY}${say.withPasskey}</button>
</form>
${form.elsewhere}`;
  const script = "/login/passkey.js";
  if (form.people === "") return layout(look, say.signIn, text + password, { script });
  const open = notice === null ? "" : " open";
  return layout(
    look,
    say.whoToBe,
    `<p>${say.whoToBeText}</p>${text}${form.people}<details${open}><summary>${say.byPassword}</summary>${password}</details>`,
    { script, wide: true },
  );
}

const KEY = `<svg width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="8" cy="16" r="5"/><path d="M11.600 12.400 20 4m-3.500 3.500L20 11m-6.500-.5L16 13"/></svg>`;

/** Shown when an interaction is over, was not begun in this browser, or never was. */
export function expiredPage(look: Look): string {
  const say = words[look.language];
  return layout(look, say.expired, `<p>${say.expiredText}</p>${wayOn("/", say.home)}`);
}

/** A protocol error that cannot be told to the application, because it is not known where to send it. */
export function errorPage(look: Look, problem: { error: string; error_description?: string | undefined }): string {
  const say = words[look.language];
  return layout(
    look,
    say.error,
    `<p>${say.errorText}</p><p><code>${escapeHtml(problem.error)}</code></p>${wayOn("/", say.home)}`,
  );
}

/** Asks whether to sign out. `form` is the library's form, whose id is `op.logoutForm`. */
export function logoutPage(look: Look, form: string): string {
  const say = words[look.language];
  return layout(
    look,
    say.logout,
    `${form}<button type="submit" form="op.logoutForm" name="logout" value="yes" class="primary" autofocus>${say.yes}</button>
<button type="submit" form="op.logoutForm" class="line">${say.no}</button>`,
  );
}

/** What somebody sees who has signed out. */
export function signedOutPage(look: Look): string {
  const say = words[look.language];
  return layout(look, say.signedOut, wayOn("/", say.home));
}

function duration(seconds: number, secondsUnit: string, minutesUnit: string): string {
  return seconds < 90 ? `${seconds} ${secondsUnit}` : `${Math.ceil(seconds / 60)} ${minutesUnit}`;
}
