import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { isDrawn } from "../mail-choice.ts";
import type { RoleChange } from "../role-changes.ts";
import type { Content, ToRender } from "./content.ts";
import { words } from "./words.ts";

/** Tells somebody which roles they have now, which of them are new, which are gone, and what that means for their tasks. */
export async function roleChangedMail(_: Sql, mail: ToRender, settings: Settings): Promise<Content> {
  const { from, to } = mail.data as Pick<RoleChange, "from" | "to">;
  const { language } = mail;
  const { roleChanged: say, roles } = words[language];
  const lines = [
    ...to.map((role) => ({ role, value: from.includes(role) ? "" : say.added, tone: "plus" as const })),
    ...from.filter((role) => !to.includes(role)).map((role) => ({ role, value: say.removed, tone: "minus" as const })),
  ];
  const [drawn, staysDrawn] = [isDrawn(from), isDrawn(to)];
  return {
    sheet: {
      ...{ language, subject: say.subject, lead: say.lead(mail.name), hero: null },
      note: drawn === staysDrawn ? null : drawn ? say.drawnNoMore : say.drawnAgain,
      rows: [],
      sections: [
        {
          title: say.section,
          lines: lines.map(({ role, ...line }) => ({ time: "", label: roles[role], ...line })),
          more: null,
        },
      ],
      button: { label: say.button, url: settings.publicUrl },
      footer: say.footer,
    },
  };
}
