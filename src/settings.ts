/** What can be set, as the services see it. `config.ts` makes it from the environment and refuses what cannot work. */
export type Settings = {
  /** IANA name; the business day is a calendar day of this zone. */
  timeZone: string;
  /** ISO 4217. */
  currency: string;
  /** Bounds of the draws, inclusive, in whole units of the currency. */
  feeRange: { from: number; to: number };
  rewardRange: { from: number; to: number };
  /** Where people reach the system, without a slash at the end: `http://localhost:7070`. Issuer and links in mails. */
  publicUrl: string;
  /** Folder of this installation: secrets, mailbox, embedded database. */
  dataDir: string;
  /** `smtp://…`; null: mails are written to `<dataDir>/mailbox` as files. */
  smtpUrl: string | null;
  mailFrom: string;
  /** A company of invented popugs and a clock that can be moved forward; loopback only. */
  demo: boolean;
};
