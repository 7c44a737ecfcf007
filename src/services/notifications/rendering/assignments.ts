import { UnsendableMail } from "../../../platform/mail/address.ts";
import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import type { AssignmentsData } from "../assigned-task-store.ts";
import { time } from "./format.ts";
import type { Content, ToRender } from "./content.ts";
import { words } from "./words.ts";

/** Tells somebody which tasks were given to them and are still theirs. @throws UnsendableMail before it is written */
export async function assignmentsMail(_: Sql, mail: ToRender, settings: Settings): Promise<Content> {
  const { count, tasks } = mail.data as Partial<AssignmentsData>;
  if (count === undefined || tasks === undefined) throw new UnsendableMail("it is written when it goes out");
  const { language } = mail;
  const say = words[language].assignments;
  return {
    sheet: {
      ...{ language, subject: say.subject(count), lead: say.lead(mail.name), hero: say.tasks(count), note: null },
      rows: [],
      sections: [
        {
          title: say.section,
          lines: tasks.map(({ title, jiraId, assignedAt }) => ({
            time: time(new Date(assignedAt), language, settings.timeZone),
            label: [jiraId, title].filter((word) => word !== null).join(" · "),
            value: "",
          })),
          more: count > tasks.length ? say.more(count - tasks.length) : null,
        },
      ],
      button: { label: say.button, url: `${settings.publicUrl}/my-tasks` },
      footer: say.footer(`${settings.publicUrl}/settings`),
    },
  };
}
