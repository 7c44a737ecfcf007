import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { moment } from "./format.ts";
import type { Content, ToRender } from "./content.ts";
import { words } from "./words.ts";

/** What the mail says of the change: not to which account, which never leaves accounting. */
export type PayDetailsChangedData = { changedAt: string };

/** Tells a popug that where they are paid was changed, and what to do if it was not they. */
export async function payDetailsChangedMail(_: Sql, mail: ToRender, settings: Settings): Promise<Content> {
  const { changedAt } = mail.data as PayDetailsChangedData;
  const { language } = mail;
  const { payDetailsChanged: say, failedPayout } = words[language];
  return {
    sheet: {
      ...{ language, subject: say.subject, lead: say.lead(mail.name), hero: null },
      note: say.note,
      rows: [{ label: say.changed, value: moment(new Date(changedAt), language, settings.timeZone) }],
      sections: [],
      button: { label: failedPayout.button, url: `${settings.publicUrl}/account` },
      footer: failedPayout.footer,
    },
  };
}
