import type { Role } from "./people/policy.ts";

/**
 * What can be set, as the services see it. `config.ts` makes it from the environment and refuses what cannot work.
 * Time zone, closing time, currency and ranges are what a company begins with: an admin can change them (`changeSettings`),
 * and then each period has its own.
 */
export type Settings = {
  /** IANA name; the business day is a calendar day of this zone. */
  timeZone: string;
  /** Local time at which business days end, `HH:MM`: from noon on that of their own date, before noon that of the next. */
  closesAt: string;
  /** ISO 4217. */
  currency: string;
  /** Bounds of the draws, inclusive, in whole units of the currency. */
  feeRange: { from: number; to: number };
  rewardRange: { from: number; to: number };
  /** A correction that changes an amount by more than this, in whole units, needs two people. */
  secondPersonAbove: number;
  /** The account that pays payouts, as files for the bank name it; null: such files cannot be made. */
  payer: { name: string; iban: string; bic: string | null } | null;
  /** Where people reach the system, without a slash at the end: `http://localhost:7070`. Issuer and links in mails. */
  publicUrl: string;
  /** Folder of this installation: secrets, mailbox, embedded database. */
  dataDir: string;
  /** Folder of the secrets, which all processes of an installation share; `<dataDir>/secrets` unless it is elsewhere. */
  secretsDir: string;
  /** Secrets that are kept somewhere else than in that folder. */
  secretFiles: SecretFiles;
  /** `smtp://…`; null: mails are written to `<dataDir>/mailbox` as files. */
  smtpUrl: string | null;
  mailFrom: string;
  /** A company of invented popugs and a clock that can be moved forward; loopback only. */
  demo: boolean;
  /** Other applications that people sign in to with their Popug login. */
  relyingParties: readonly RelyingParty[];
  /**
   * Days after which accountants and admins who came with a password have these roles no more, until they come with a
   * passkey; null: passkeys are offered and never required.
   */
  passkeyGraceDays: number | null;
  /** Another OpenID provider that knows the people of the company; null: only our own. */
  otherProvider: OtherProvider | null;
};

/** Where the secrets are when not in the folder of the installation (mounted by an orchestrator, say). */
export type SecretFiles = { signingKeysFile?: string; sealingKeyFile?: string; databaseRolesFile?: string };

/** Metadata of OpenID Connect Dynamic Client Registration, as far as we take it, and a word of our own. */
export type RelyingParty = {
  client_id: string;
  client_name?: string;
  /** Of the company itself: people are not asked whether it may know them. */
  own?: boolean;
  redirect_uris: string[];
  post_logout_redirect_uris?: string[];
  backchannel_logout_uri?: string;
  token_endpoint_auth_method: "none" | "client_secret_basic" | "client_secret_post" | "private_key_jwt";
  client_secret?: string;
  jwks?: { keys: Record<string, unknown>[] };
};

/** An OpenID provider of the company, and what we make of what it says. */
export type OtherProvider = {
  issuer: string;
  clientId: string;
  /** Null: a public client. */
  clientSecret: string | null;
  /** Shown on the sign-in page: "Sign in with …". */
  name: string;
  /** True: it stands in the place of our own provider, whose pages and keys are then not there. */
  instead: boolean;
  /** `aud` of its access tokens for our API; only with `instead`. */
  audience: string;
  /** The claim that names groups, and what each group is here. Empty: roles are given here, by an admin. */
  rolesClaim: string;
  roles: Readonly<Record<string, readonly Role[]>>;
  /** True: whoever it knows and has a mapped role becomes a user by signing in. */
  createUsers: boolean;
};
