/** The page on which somebody lets an application of others in, or does not; it works without JavaScript. */
import { escapeHtml, layout, type Look } from "./page-layout.ts";

/** What an application can ask for; the words of the protocol, in the order in which they are shown. */
export const rights = ["openid", "profile", "email", "api"] as const;
export type Right = (typeof rights)[number];

const words = {
  en: {
    title: (application: string) => `${application} asks for access`,
    whom: (person: string) => `You are ${person}. If you allow it, it may:`,
    openid: "recognise you when you come again",
    profile: "see your name, login and language",
    email: "see your e-mail address",
    api: "see and do in Popug whatever you may, except your own settings",
    back: (host: string) => `Either way you go back to ${host}. What you allow you can take back in your settings.`,
    allow: "Allow",
    refuse: "Refuse",
  },
  ru: {
    title: (application: string) => `${application} просит доступ`,
    whom: (person: string) => `Вы — ${person}. С вашего разрешения приложение сможет:`,
    openid: "узнавать вас, когда вы придёте снова",
    profile: "видеть ваши имя, логин и язык",
    email: "видеть ваш адрес почты",
    api: "видеть и делать в Popug всё, что можете вы, кроме ваших настроек",
    back: (host: string) => `В любом случае вы вернётесь на ${host}. Разрешение можно отозвать в настройках.`,
    allow: "Разрешить",
    refuse: "Отказать",
  },
} as const;

/**
 * Asks. Both buttons post to `action`, with `answer` of `allow` or `refuse`.
 * @param asked.host where the application is
 */
export function consentPage(
  look: Look,
  asked: {
    action: string;
    application: string;
    person: { name: string; login: string };
    rights: Right[];
    host: string;
  },
): string {
  const say = words[look.language];
  const { name, login } = asked.person;
  const person = `<strong>${escapeHtml(name)}</strong> (${escapeHtml(login)})`;
  return layout(
    look,
    say.title(escapeHtml(asked.application)),
    `<p>${say.whom(person)}</p>
<ul class="rights">${asked.rights.map((right) => `<li>${say[right]}</li>`).join("")}</ul>
<p class="hint">${say.back(`<strong>${escapeHtml(asked.host)}</strong>`)}</p>
<form method="post" action="${escapeHtml(asked.action)}">
<button type="submit" name="answer" value="allow" class="primary">${say.allow}</button>
<button type="submit" name="answer" value="refuse" class="line">${say.refuse}</button>
</form>`,
  );
}
