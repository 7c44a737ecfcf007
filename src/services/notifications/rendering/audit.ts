import { gzip } from "node:zlib";
import { promisify } from "node:util";
import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import type { BillingClosed } from "../period-store.ts";
import { listAuditLog } from "../statement-store.ts";
import { toCsv } from "./csv.ts";
import { plainMoney } from "./format.ts";
import { periodName } from "./label.ts";
import type { Content, ToRender } from "./render.ts";
import { words } from "./words.ts";

/** More entries than these do not go into one mail; and what is larger than a megabyte goes compressed. */
const MAX_LINES = 200_000;
const MAX_PLAIN_BYTES = 1024 * 1024;

export type AuditData = {
  announced: BillingClosed;
  /** Events of the period that people decided to leave out of this log. */
  discarded: number;
};

/** The audit log of a period as an attached CSV, in order of time, with task titles. */
export async function auditMail(sql: Sql, mail: ToRender, settings: Settings): Promise<Content> {
  const { announced, discarded } = mail.data as AuditData;
  const { lines, total } = await listAuditLog(sql, mail.period, MAX_LINES);
  const { language } = mail;
  const say = words[language].audit;
  const name = periodName(announced.label, language);
  const csv = toCsv(
    [
      say.columns,
      ...lines.map((line) => [
        line.occurredAt.toISOString(),
        line.name ?? line.userId,
        words[language].kinds[line.kind],
        line.taskId ?? "",
        line.jiraId ?? "",
        line.title ?? "",
        { number: plainMoney(line.amountMinor, announced.currency) },
        announced.currency,
        line.entryId,
      ]),
    ],
    language,
  );
  const filename = `audit-${announced.label.replace("/", "-")}.csv`;
  const plain = Buffer.from(csv);
  return {
    sheet: {
      language,
      subject: say.subject(name),
      lead: say.title(name),
      hero: null,
      note: [
        say.intro(total),
        ...(total > lines.length ? [say.cut(lines.length)] : []),
        ...(discarded > 0 ? [say.discarded(discarded)] : []),
      ].join(" "),
      rows: [],
      section: null,
      button: { label: say.button, url: `${settings.publicUrl}/company` },
      footer: say.footer(announced.seal),
    },
    attachments: [
      plain.length > MAX_PLAIN_BYTES
        ? { filename: `${filename}.gz`, contentType: "application/gzip", content: await promisify(gzip)(plain) }
        : { filename, contentType: "text/csv; charset=utf-8", content: plain },
    ],
  };
}
