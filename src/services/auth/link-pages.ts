/** The pages behind the links that we mail or hand out. Without JavaScript, the link is pasted by hand. */
import { LINK_SCRIPT_PATH } from "./page-files.ts";
import { escapeHtml, field, type Language, layout, type Look, passwordField, wayOn } from "./page-layout.ts";
import { MAX_PASSWORD, MIN_PASSWORD } from "./password-strength.ts";

const words = {
  en: {
    open: "Set your password with the link that you were given.",
    token: "Your link",
    goOn: "Go on",
    join: "Welcome to Popug",
    joinText: (name: string) => `${name}, choose the password with which you will sign in.`,
    reset: "New password",
    resetText: "All your sessions end when you set it.",
    login: "Login",
    password: "New password",
    repeat: "Once more",
    hint: `At least ${MIN_PASSWORD} characters, whatever you like; a few unrelated words are easy to remember.`,
    submit: "Set the password",
    differ: "The two are not the same.",
    weak: "This one is too short, easy to guess, or known from a leak; choose another one.",
    taken: "This login was given to somebody else meanwhile. Ask whoever invited you.",
    busy: "Too many people are signing in right now. Try again in a moment.",
    done: "Your password is set",
    signIn: "Sign in",
    gone: "This link is no longer good",
    goneText: "It was used, taken back, or is too old. Ask for a new one.",
    late: "It was good for ten minutes only.",
    sendNew: "Send a new one",
    forgot: "Forgot your password?",
    forgotText: "Tell us your login or e-mail address.",
    asked: "Login or e-mail",
    send: "Send a link",
    sent: "Look into your mail",
    sentText:
      "If this is somebody with an e-mail address, a link that is good for ten minutes is on its way. If nothing comes, ask an admin.",
  },
  ru: {
    open: "Задайте пароль по ссылке, которую вы получили.",
    token: "Ваша ссылка",
    goOn: "Дальше",
    join: "Добро пожаловать в Popug",
    joinText: (name: string) => `${name}, выберите пароль, с которым будете входить.`,
    reset: "Новый пароль",
    resetText: "Когда вы его зададите, все ваши сеансы завершатся.",
    login: "Логин",
    password: "Новый пароль",
    repeat: "Ещё раз",
    hint: `Не меньше ${MIN_PASSWORD} знаков, любых; несколько не связанных слов легко запомнить.`,
    submit: "Задать пароль",
    differ: "Пароли не совпадают.",
    weak: "Этот пароль слишком короткий, легко угадывается или известен из утечек; выберите другой.",
    taken: "Этот логин тем временем получил кто-то другой. Обратитесь к тому, кто вас пригласил.",
    busy: "Сейчас входит слишком много людей. Попробуйте ещё раз чуть позже.",
    done: "Пароль задан",
    signIn: "Войти",
    gone: "Ссылка больше не действует",
    goneText: "Она уже использована, отозвана или устарела. Попросите новую.",
    late: "Она действовала только десять минут.",
    sendNew: "Прислать новую",
    forgot: "Забыли пароль?",
    forgotText: "Укажите логин или адрес почты.",
    asked: "Логин или почта",
    send: "Прислать ссылку",
    sent: "Проверьте почту",
    sentText:
      "Если такой человек есть и у него указана почта, ссылка уже в пути; она действует десять минут. Если ничего не пришло, обратитесь к администратору.",
  },
} as const satisfies Record<Language, unknown>;

export type LinkKind = "join" | "reset";
export type LinkNotice = "differ" | "weak" | "taken" | "busy" | null;

/** Where a link leads: its script sends the secret on at once. @param next where it is sent to */
export function openLinkPage(look: Look, kind: LinkKind, next: string): string {
  const say = words[look.language];
  return layout(
    look,
    say[kind],
    `<p>${say.open}</p>
<form method="post" action="${next}" data-sent="at-once">
<div>${field("token", say.token, 'type="text" required maxlength="500" autocomplete="off" autocapitalize="none" spellcheck="false"')}</div>
<button type="submit" class="primary">${say.goOn}</button>
</form>`,
    { script: LINK_SCRIPT_PATH },
  );
}

/** The secret goes along in every form, and by the script into the choice of a language. */
const kept = (token: string) => `<input type="hidden" id="token" name="token" value="${escapeHtml(token)}">`;

/** Where a password is set: on joining, or anew. It posts to its own address. */
export function passwordPage(
  look: Look,
  form: { kind: LinkKind; action: string; token: string; login: string; name: string; notice: LinkNotice },
): string {
  const say = words[look.language];
  const text = form.kind === "join" ? say.joinText(escapeHtml(form.name)) : say.resetText;
  const described = form.notice === null ? "hint" : "notice hint";
  return layout(
    look,
    say[form.kind],
    `${noticeOf(look, form.notice)}<p>${text}</p>
<form method="post" action="${form.action}">
${kept(form.token)}
${field("login", say.login, `type="text" readonly autocomplete="username" value="${escapeHtml(form.login)}"`)}
${passwordField(look, "password", say.password, `minlength="${MIN_PASSWORD}" maxlength="${MAX_PASSWORD}" autocomplete="new-password" aria-describedby="${described}" autofocus`)}
<p id="hint" class="hint">${say.hint}</p>
${passwordField(look, "repeat", say.repeat, `maxlength="${MAX_PASSWORD}" autocomplete="new-password"`)}
<button type="submit" class="primary">${say.submit}</button>
</form>`,
    { script: LINK_SCRIPT_PATH },
  );
}

/** The password is set. */
export function passwordSetPage(look: Look): string {
  const say = words[look.language];
  return layout(look, say.done, wayOn("/", say.signIn));
}

/** One answer for links that were used, revoked, expired or never given out. */
export function linkGonePage(look: Look): string {
  const say = words[look.language];
  return layout(look, say.gone, `<p>${say.goneText}</p>${wayOn("/", say.signIn)}`);
}

/** The link of a mail ran out before it was used. @param again where a click asks for a new one */
export function linkLatePage(look: Look, again: string, token: string): string {
  const say = words[look.language];
  return layout(
    look,
    say.gone,
    `<p>${say.late}</p>
<form method="post" action="${again}">${kept(token)}<button type="submit" class="primary">${say.sendNew}</button></form>`,
    { script: LINK_SCRIPT_PATH },
  );
}

/** Where somebody asks for a link. */
export function forgotPage(look: Look): string {
  const say = words[look.language];
  return layout(
    look,
    say.forgot,
    `<p>${say.forgotText}</p>
<form method="post" action="/reset">
${field("asked", say.asked, 'type="text" required maxlength="254" autocomplete="username" autocapitalize="none" spellcheck="false" autofocus')}
<button type="submit" class="primary">${say.send}</button>
</form>`,
  );
}

/** The one answer to everybody who asks for a link. */
export function requestedPage(look: Look): string {
  const say = words[look.language];
  return layout(look, say.sent, `<p>${say.sentText}</p>${wayOn("/", say.signIn)}`);
}

function noticeOf(look: Look, notice: LinkNotice): string {
  return notice === null ? "" : `<p class="notice" role="alert" id="notice">${words[look.language][notice]}</p>`;
}

const mails = {
  en: {
    invitation: {
      subject: "Your access to Popug",
      text: (name: string, link: string) =>
        `Hello ${name},\n\nyou have been invited to Popug. Set your password here within three days:\n\n${link}\n\nWhoever has this link can do it in your place: do not pass it on.\n`,
    },
    password: {
      subject: "A new password for Popug",
      text: (name: string, link: string) =>
        `Hello ${name},\n\nset a new password here within ten minutes:\n\n${link}\n\nIf you did not ask for it, do nothing: your password stays as it is.\n`,
    },
  },
  ru: {
    invitation: {
      subject: "Ваш доступ к Popug",
      text: (name: string, link: string) =>
        `Здравствуйте, ${name}!\n\nВас пригласили в Popug. Задайте пароль в течение трёх дней:\n\n${link}\n\nЛюбой, у кого есть эта ссылка, может сделать это за вас: не передавайте её.\n`,
    },
    password: {
      subject: "Новый пароль для Popug",
      text: (name: string, link: string) =>
        `Здравствуйте, ${name}!\n\nЗадайте новый пароль в течение десяти минут:\n\n${link}\n\nЕсли вы об этом не просили, ничего не делайте: пароль останется прежним.\n`,
    },
  },
} as const;

/** What a mail with a link says. */
export function linkMail(language: Language, kind: "invitation" | "password", name: string, link: string) {
  const mail = mails[language][kind];
  const text = mail.text(name, link);
  const paragraphs = text
    .trim()
    .split("\n\n")
    .map((part) => {
      const html = escapeHtml(part);
      return `<p>${part === link ? `<a href="${html}">${html}</a>` : html}</p>`;
    });
  return {
    subject: mail.subject,
    text,
    html: `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>${mail.subject}</title>${paragraphs.join("")}</html>`,
  };
}
