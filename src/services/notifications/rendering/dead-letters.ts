import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { count, moment } from "./format.ts";
import type { Content, ToRender } from "./content.ts";
import { words } from "./words.ts";

/** What such a mail says. No reasons and no data of events: those may hold names. */
export type DeadLettersData = {
  dead: number;
  /** Those that wait behind them. */
  waiting: number;
  oldest: string;
  lines: { service: string; consumer: string; type: string; dead: number }[];
  /** Dead letters that have no line. */
  more: number;
};

/** Tells an admin which events could not be applied, by whom, and where to decide about them. */
export async function deadLettersMail(_: Sql, mail: ToRender, settings: Settings): Promise<Content> {
  const { dead, waiting, oldest, lines, more } = mail.data as DeadLettersData;
  const { language } = mail;
  const say = words[language].deadLetters;
  return {
    sheet: {
      ...{ language, subject: say.subject(dead), lead: say.lead, hero: say.events(dead), note: say.note },
      rows: [
        { label: say.waiting, value: count(waiting, language) },
        { label: say.oldest, value: moment(new Date(oldest), language, settings.timeZone) },
      ],
      sections: [
        {
          title: say.section,
          lines: lines.map((line) => ({
            time: "",
            label: `${line.service} · ${line.consumer} · ${line.type}`,
            value: count(line.dead, language),
          })),
          more: more > 0 ? say.more(more) : null,
        },
      ],
      button: { label: say.button, url: `${settings.publicUrl}/dead-letters` },
      footer: say.footer(`${settings.publicUrl}/settings`),
    },
  };
}
