import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { money } from "./format.ts";
import { periodName } from "./label.ts";
import type { Content, ToRender } from "./content.ts";
import { words } from "./words.ts";

/** What the mail says of the payout. */
export type FailedPayoutData = { label: string; amountMinor: number; currency: string; reason: string };

/** Tells a popug that a payout did not arrive, and where their pay details are. */
export async function failedPayoutMail(_: Sql, mail: ToRender, settings: Settings): Promise<Content> {
  const { label, amountMinor, currency, reason } = mail.data as FailedPayoutData;
  const { language } = mail;
  const say = words[language].failedPayout;
  const name = periodName(label, language);
  const amount = money(amountMinor, currency, language);
  return {
    sheet: {
      ...{ language, subject: say.subject(name), lead: say.lead(mail.name, name), hero: amount },
      note: say.note,
      rows: [{ label: say.reason, value: reason }],
      sections: [],
      button: { label: say.button, url: `${settings.publicUrl}/account` },
      footer: say.footer,
    },
  };
}
