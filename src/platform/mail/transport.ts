/**
 * How mails leave: over SMTP, or as files in a mailbox folder. Neither is part of a transaction: a crash between sending
 * and marking as sent sends the mail again, in the folder as the same file, over SMTP under the same Message-ID.
 */
import { constants } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { isUsableAddress, mailFileName, messageId, oneLine, UnsendableMail } from "./address.ts";

/** What stands in a mail. */
export type Content = {
  subject: string;
  text: string;
  html: string;
  attachments?: { filename: string; contentType: string; content: Buffer; cid?: string }[];
};

export type Message = { key: string; envelope: { from: string; to: string }; raw: Buffer };

export type Transport = {
  /** Resolves when the mail is safe with somebody else: accepted by the server, or on disk. */
  send: (message: Message) => Promise<void>;
  close: () => void;
};

/** Limits of one SMTP conversation: a server that hangs costs no more than this. */
const smtpLimits = {
  pool: true,
  maxConnections: 4,
  maxMessages: 100,
  connectionTimeout: 5_000,
  greetingTimeout: 5_000,
  dnsTimeout: 5_000,
  socketTimeout: 20_000,
} as const;

/** Opens the way that the settings name: an SMTP server, or without one the folder `mailbox` of the data folder. */
export function openTransport(settings: { smtpUrl: string | null; dataDir: string }): Transport {
  return settings.smtpUrl === null ? mailbox(join(settings.dataDir, "mailbox")) : smtp(settings.smtpUrl);
}

function smtp(url: string): Transport {
  const transporter = createTransport({ url, ...smtpLimits });
  return {
    async send({ envelope, raw }) {
      await transporter.sendMail({ envelope, raw });
    },
    close: () => transporter.close(),
  };
}

function mailbox(folder: string): Transport {
  return {
    async send({ key, raw }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, mailFileName(key));
      // A name of this process's own: another one that sends the same mail again writes its own file, and one of them wins.
      const temporary = `${path}.${process.pid}.tmp`;
      try {
        await writeDurably(temporary, raw);
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {});
        throw error;
      }
      await flushFolder(folder);
    },
    close: () => {},
  };
}

async function writeDurably(path: string, content: Buffer): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The new name itself is on disk only when its folder is. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // folders cannot be opened there
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const composer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });

/**
 * Makes the message as it travels. Every header comes through nodemailer's encoders, and none from text that holds line
 * ends; content is never read from files or addresses that a mail names.
 * @throws UnsendableMail when the reader's address is none
 */
export async function compose(
  mail: { key: string; name: string; address: string; createdAt: Date | undefined },
  rendered: Content,
  mailFrom: string,
): Promise<Message> {
  if (!isUsableAddress(mail.address)) {
    throw new UnsendableMail(`${JSON.stringify(mail.address.slice(0, 100))} is no address that a mail could go to`);
  }
  const { envelope, message } = await composer.sendMail({
    from: mailFrom,
    to: { name: oneLine(mail.name), address: mail.address },
    subject: rendered.subject,
    text: rendered.text,
    html: rendered.html,
    attachments: rendered.attachments,
    messageId: messageId(mail.key, mailFrom),
    ...(mail.createdAt && { date: mail.createdAt }),
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  if (!Buffer.isBuffer(message) || envelope.from === false || envelope.from === undefined) {
    throw new Error("the message could not be put together: is the sender's address usable?");
  }
  return { key: mail.key, envelope: { from: envelope.from, to: mail.address }, raw: message };
}
