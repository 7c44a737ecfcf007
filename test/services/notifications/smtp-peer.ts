/** A real SMTP server that keeps what it accepts, and can be told to misbehave. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";

export type SmtpPeer = {
  url: string;
  port: number;
  mails: { to: string; from: string; raw: string }[];
  /** Addresses that are refused for good (550). */
  refused: Set<string>;
  /** Answers DATA with "try later" (451). */
  busy: boolean;
  stop: () => Promise<void>;
};

export async function startSmtpPeer(port = 0): Promise<SmtpPeer> {
  const answer = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    logger: false,
    onRcptTo: ({ address }, _session, done) => {
      done(peer.refused.has(address) ? answer(550, "no such mailbox") : null);
    },
    onData: (stream, { envelope }, done) => {
      text(stream).then((raw) => {
        if (peer.busy) return done(answer(451, "try again later"));
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        for (const { address } of envelope.rcptTo) peer.mails.push({ to: address, from, raw });
        done();
      }, done);
    },
  });
  server.on("error", () => {}); // connections that a client drops
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  const bound = (server.server.address() as AddressInfo).port;
  const peer: SmtpPeer = {
    url: `smtp://127.0.0.1:${bound}`,
    port: bound,
    mails: [],
    refused: new Set(),
    busy: false,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
  return peer;
}
