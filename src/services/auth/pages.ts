/** The pages of the sign-in, made on the server: they work without JavaScript and carry no style or script of their own. */

export type Language = "en" | "ru";

const words = {
  en: {
    signIn: "Sign in",
    login: "Login",
    password: "Password",
    submit: "Sign in",
    refused: "Login or password is not right.",
    wait: (seconds: number) => `Too many attempts. Try again in ${duration(seconds, "s", "min")}.`,
    busy: "Too many people are signing in right now. Try again in a moment.",
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
export type Notice = { kind: "refused" } | { kind: "wait"; seconds: number } | { kind: "busy" };

/** The sign-in form. It posts to its own address. */
export function loginPage(language: Language, form: { action: string; login: string; notice: Notice | null }): string {
  const say = words[language];
  const { notice } = form;
  const text =
    notice === null
      ? ""
      : `<p class="notice" role="alert" id="notice">${notice.kind === "wait" ? say.wait(notice.seconds) : say[notice.kind]}</p>`;
  const described = notice === null ? "" : ' aria-describedby="notice"';
  return layout(
    language,
    say.signIn,
    `${text}<form method="post" action="${escapeHtml(form.action)}">
<label for="login">${say.login}</label>
<input id="login" name="login" type="text" required maxlength="60" autocomplete="username" autocapitalize="none"
  autocorrect="off" spellcheck="false"${form.login === "" ? " autofocus" : ""} value="${escapeHtml(form.login)}"${described}>
<label for="password">${say.password}</label>
<input id="password" name="password" type="password" required maxlength="128" autocomplete="current-password"${
      form.login === "" ? "" : " autofocus"
    }>
<button type="submit">${say.submit}</button>
</form>`,
  );
}

/** Shown when an interaction is over, was not begun in this browser, or never was. */
export function expiredPage(language: Language): string {
  const say = words[language];
  return layout(language, say.expired, `<p>${say.expiredText}</p><p><a href="/">${say.home}</a></p>`);
}

/** A protocol error that cannot be told to the application, because it is not known where to send it. */
export function errorPage(
  language: Language,
  problem: { error: string; error_description?: string | undefined },
): string {
  const say = words[language];
  return layout(
    language,
    say.error,
    `<p>${say.errorText}</p><p><code>${escapeHtml(problem.error)}</code></p><p><a href="/">${say.home}</a></p>`,
  );
}

/** Asks whether to sign out. `form` is the library's form, whose id is `op.logoutForm`. */
export function logoutPage(language: Language, form: string): string {
  const say = words[language];
  return layout(
    language,
    say.logout,
    `${form}<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>${say.yes}</button>
<button type="submit" form="op.logoutForm" class="quiet">${say.no}</button>`,
  );
}

/** What somebody sees who has signed out. */
export function signedOutPage(language: Language): string {
  const say = words[language];
  return layout(language, say.signedOut, `<p><a href="/">${say.home}</a></p>`);
}

function layout(language: Language, title: string, content: string): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Popug</title>
<link rel="stylesheet" href="/login/style.css">
</head>
<body>
<main>
<p class="brand">Popug</p>
<h1>${title}</h1>
${content}
</main>
</body>
</html>`;
}

function duration(seconds: number, secondsUnit: string, minutesUnit: string): string {
  return seconds < 90 ? `${seconds} ${secondsUnit}` : `${Math.ceil(seconds / 60)} ${minutesUnit}`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Served from `/login/style.css`, so that the pages need no inline style. */
export const style = `
:root { color-scheme: light dark; --ink: #1d2320; --paper: #f4f6f4; --card: #fff; --line: #c9d2cc; --accent: #1e6b4a;
  --accent-ink: #fff; --warn: #8a2b0d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ece9; --paper: #141816; --card: #1c221f; --line: #46514b;
  --accent: #5cc293; --accent-ink: #0c1410; --warn: #ffb394; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 22rem; padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; }
.brand { margin: 0; font-weight: 600; color: var(--accent); }
h1 { margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 500; }
input { width: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--line); border-radius: .4rem; }
button { width: 100%; margin-top: 1.5rem; padding: .7rem; font: inherit; font-weight: 600; border: 1px solid var(--accent);
  border-radius: .4rem; background: var(--accent); color: var(--accent-ink); cursor: pointer; }
button.quiet { margin-top: .75rem; background: none; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.notice { margin: 0; padding: .6rem .75rem; border-left: 4px solid var(--warn); color: var(--warn); }
`;
