/**
 * Mails links that let somebody set a password. The token is made when the mail goes out, anew for each attempt; after
 * a failure or a crash the next mail's link is the good one. Nothing that opens anything is ever stored.
 */
import { isUsableAddress, UnsendableMail } from "../../../platform/mail/address.ts";
import { compose, openTransport } from "../../../platform/mail/transport.ts";
import type { Job, JobTools } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { giveToken } from "../invitation-store.ts";
import { linkMail } from "../link-pages.ts";
import { linkTo, newLinkToken } from "../link-token.ts";
import {
  claimSecretMail,
  forgetSecretMail,
  giveLinkToken,
  insertLink,
  queueSecretMail,
  type SecretMail,
  takeRequests,
} from "../password-link-store.ts";

const LEASE_SECONDS = 60;
const MAX_ATTEMPTS = 5;
const BATCH = 50;

export function sendLinksJob(settings: Settings): Job {
  return {
    name: "send-links",
    everyMs: 1_000,
    run: async (tools) => {
      const answered = await answerRequests(tools);
      const sent = await sendOne(tools, settings);
      return answered + sent;
    },
  };
}

/** Whoever said that they forgot their password and has an address gets a link. */
function answerRequests(tools: JobTools): Promise<number> {
  return tools.transact("user.update", "system:password-link", async ({ sql }) => {
    const { taken, userIds } = await takeRequests(sql, BATCH);
    for (const userId of userIds) {
      const link = await insertLink(sql, userId, null);
      if (link) await queueSecretMail(sql, "password", link.linkId);
    }
    return taken;
  });
}

async function sendOne(tools: JobTools, settings: Settings): Promise<number> {
  const { token, hash } = newLinkToken();
  const claimed = await tools.transact("mail.send", "system:password-link", async ({ sql }) => {
    const mail = await claimSecretMail(sql, LEASE_SECONDS);
    return mail && { mail, reader: await readerOf(sql, mail, hash) };
  });
  if (!claimed) return 0;
  const { mail, reader } = claimed;
  if (reader && isUsableAddress(reader.email)) await send(mail, reader, token, settings);
  await forgetSecretMail(tools.sql, mail.mailId);
  return 1;
}

/** Undefined when the link is not wanted any more. */
function readerOf(sql: JobTools["sql"], mail: SecretMail, hash: Buffer) {
  if (mail.attempts > MAX_ATTEMPTS) return undefined;
  return mail.kind === "invitation" ? giveToken(sql, mail.about, hash) : giveLinkToken(sql, mail.about, hash);
}

async function send(
  mail: SecretMail,
  reader: { name: string; email: string; language: "en" | "ru" },
  token: string,
  settings: Settings,
): Promise<void> {
  const link = linkTo(settings.publicUrl, mail.kind === "invitation" ? "join" : "reset", token);
  const content = linkMail(reader.language, mail.kind, reader.name, link);
  const transport = openTransport(settings);
  try {
    await transport.send(
      await compose(
        { key: `${mail.kind}:${mail.mailId}`, name: reader.name, address: reader.email, createdAt: undefined },
        content,
        settings.mailFrom,
      ),
    );
  } catch (error) {
    if (!(error instanceof UnsendableMail)) throw error;
  } finally {
    transport.close();
  }
}
