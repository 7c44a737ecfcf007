/** The page of the first run. Without JavaScript, the text after the # of the link is pasted by hand. */
import { LINK_SCRIPT_PATH } from "./page-files.ts";
import { escapeHtml, field, type Language, layout, type Look, passwordField, wayOn } from "./page-layout.ts";
import { MAX_PASSWORD, MIN_PASSWORD } from "./password-strength.ts";

const words = {
  en: {
    title: "The first admin",
    text: "Nobody is here yet. Whoever you are, you will be the admin who lets the others in.",
    token: "Text after the # of the link",
    login: "Login",
    loginHint: "Lower-case letters, digits, dots, dashes.",
    name: "Name",
    email: "E-mail (if you like)",
    password: "Password",
    repeat: "Once more",
    hint: `At least ${MIN_PASSWORD} characters, whatever you like; a few unrelated words are easy to remember.`,
    submit: "Begin",
    differ: "The two passwords are not the same.",
    weak: "This password is too short, easy to guess, or known from a leak; choose another one.",
    invalid: "Look at login, name and e-mail again.",
    busy: "This machine is busy. Try again in a moment.",
    gone: "This link is no longer good",
    goneText: "It was used, or is older than 30 minutes. Start Popug again for a new one.",
    done: "Welcome",
    doneText: "You are the admin now.",
    signIn: "Sign in",
  },
  ru: {
    title: "Первый администратор",
    text: "Здесь ещё никого нет. Вы станете администратором, который впустит остальных.",
    token: "Текст после # в ссылке",
    login: "Логин",
    loginHint: "Строчные латинские буквы, цифры, точки, дефисы.",
    name: "Имя",
    email: "Почта (если хотите)",
    password: "Пароль",
    repeat: "Ещё раз",
    hint: `Не меньше ${MIN_PASSWORD} знаков, любых; несколько не связанных слов легко запомнить.`,
    submit: "Начать",
    differ: "Пароли не совпадают.",
    weak: "Этот пароль слишком короткий, легко угадывается или известен из утечек; выберите другой.",
    invalid: "Проверьте логин, имя и почту.",
    busy: "Компьютер занят. Попробуйте ещё раз чуть позже.",
    gone: "Ссылка больше не действует",
    goneText: "Она уже использована или старше 30 минут. Запустите Popug снова, чтобы получить новую.",
    done: "Добро пожаловать",
    doneText: "Теперь вы администратор.",
    signIn: "Войти",
  },
} as const satisfies Record<Language, unknown>;

export type SetupNotice = "differ" | "weak" | "invalid" | "busy" | null;

/** The form. `filled` is what was typed before; passwords are typed again. */
export function setupPage(
  look: Look,
  filled: { token: string; login: string; name: string; email: string },
  notice: SetupNotice,
): string {
  const say = words[look.language];
  const known = (id: "token" | "login" | "name" | "email", more: string) =>
    field(id, say[id], `value="${escapeHtml(filled[id])}" ${more}`);
  return layout(
    look,
    say.title,
    `<p>${say.text}</p>${notice === null ? "" : `<p class="notice" role="alert">${say[notice]}</p>`}
<form method="post" action="/setup">
<div>${known("token", 'required maxlength="100" autocomplete="off"')}</div>
${known("login", 'required maxlength="60" pattern="[a-z0-9._\\-]{2,60}" autocomplete="username" autocapitalize="none" aria-describedby="login-hint"')}
<p id="login-hint" class="hint">${say.loginHint}</p>
${known("name", 'required maxlength="200" autocomplete="name"')}
${known("email", 'type="email" maxlength="254" autocomplete="email"')}
${passwordField(look, "password", say.password, `minlength="${MIN_PASSWORD}" maxlength="${MAX_PASSWORD}" autocomplete="new-password" aria-describedby="hint"`)}
<p id="hint" class="hint">${say.hint}</p>
${passwordField(look, "repeat", say.repeat, `maxlength="${MAX_PASSWORD}" autocomplete="new-password"`)}
<button type="submit" class="primary">${say.submit}</button>
</form>`,
    { script: LINK_SCRIPT_PATH },
  );
}

/** What somebody sees whose set-up link is used up, too old or wrong. */
export function setupGonePage(look: Look): string {
  const say = words[look.language];
  return layout(look, say.gone, `<p>${say.goneText}</p>`);
}

/** What the first admin sees when the company is set up. */
export function setupDonePage(look: Look): string {
  const say = words[look.language];
  return layout(look, say.done, `<p>${say.doneText}</p>${wayOn("/auth/login", say.signIn)}`);
}
