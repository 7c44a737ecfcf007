import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { UnsendableMail } from "../../../platform/mail/address.ts";
import { findMail, type MailRow } from "../mail-list-store.ts";
import type { Rendered } from "../rendering/content.ts";
import { renderMail } from "../rendering/render.ts";
import { compose } from "../../../platform/mail/transport.ts";

/** A mail that exists and that this reader may see; another one's does not exist for them. */
export async function findMailFor(sql: Sql, mailId: string, readerId?: string): Promise<MailRow> {
  const mail = await findMail(sql, mailId);
  if (mail === undefined || (readerId !== undefined && mail.userId !== readerId)) {
    throw new Refusal("not-found", "no-such-mail", "There is no such mail.");
  }
  return mail;
}

/** Text, HTML and the names of attachments; nulls when it cannot be rendered. */
export async function contentOf(sql: Sql, mail: MailRow, settings: Settings) {
  const rendered = await tryToRender(sql, mail, settings);
  return {
    text: rendered?.text ?? null,
    html: rendered === null ? null : withImages(rendered),
    attachments: (rendered?.attachments ?? []).map(({ filename, content }) => ({ filename, bytes: content.length })),
  };
}

/** HTML that shows its images by itself: a browser does not look for them among the attachments. */
function withImages({ html, attachments }: Rendered): string {
  return attachments.reduce(
    (text, { cid, contentType, content }) =>
      cid === undefined
        ? text
        : text.replaceAll(`"cid:${cid}"`, `"data:${contentType};base64,${content.toString("base64")}"`),
    html,
  );
}

/** The mail as it travels, put together anew: the same Message-ID and content, other boundaries. */
export async function fileOf(sql: Sql, mail: MailRow, settings: Settings): Promise<string> {
  const rendered = await tryToRender(sql, mail, settings);
  const unsendable = (cause?: unknown) =>
    new Refusal("conflict", "mail-not-writable", "This mail cannot be written yet: see what it waits for.", { cause });
  if (rendered === null || mail.name === null || mail.address === null) throw unsendable();
  try {
    const message = await compose(
      { key: mail.key, name: mail.name, address: mail.address, createdAt: mail.createdAt },
      rendered,
      settings.mailFrom,
    );
    return message.raw.toString("utf8");
  } catch (error) {
    if (error instanceof UnsendableMail) throw unsendable(error);
    throw error;
  }
}

async function tryToRender(sql: Sql, mail: MailRow, settings: Settings): Promise<Rendered | null> {
  if (mail.name === null || mail.language === null) return null;
  try {
    return await renderMail(sql, { ...mail, name: mail.name, language: mail.language }, settings);
  } catch (error) {
    if (error instanceof UnsendableMail) return null;
    throw error;
  }
}
