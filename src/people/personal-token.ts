/**
 * Personal access tokens: `popug_pat_`, 43 random characters, 6 of checksum. The prefix lets scanners find one that was
 * committed by mistake; the checksum lets us refuse what is none without asking a database.
 */
import { createHash, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Sql } from "../platform/service.ts";
import type { Role } from "./policy.ts";
import type { Person } from "./replica.ts";

export const TOKEN_PREFIX = "popug_pat_";
/** 62^43 > 2^256. */
const RANDOM_CHARACTERS = 43;
const CHECK_CHARACTERS = 6;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SHAPE = new RegExp(`^${TOKEN_PREFIX}[0-9A-Za-z]{${RANDOM_CHARACTERS + CHECK_CHARACTERS}}$`);

/** A new token; whoever gets it is the only one who ever has it in clear. */
export function newPersonalToken(): string {
  const random = Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  return `${TOKEN_PREFIX}${random}${checkOf(TOKEN_PREFIX + random)}`;
}

/** Whether a text can be a token of ours at all. */
export function isPersonalToken(text: string): boolean {
  return SHAPE.test(text) && checkOf(text.slice(0, -CHECK_CHARACTERS)) === text.slice(-CHECK_CHARACTERS);
}

/** The form in which a token is stored and told. */
export function hashOfToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function checkOf(text: string): string {
  let rest = crc32(text);
  let check = "";
  for (let i = 0; i < CHECK_CHARACTERS; i++) {
    check = `${ALPHABET[rest % ALPHABET.length]}${check}`;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return check;
}

export type TokenOwner = Pick<Person, "userId" | "login" | "name" | "active"> & {
  roles: Role[];
  tokenId: string;
  scopes: string[];
};

/** The owner of a token that is neither revoked nor expired (by real time), as this service knows them. */
export async function findTokenOwner(sql: Sql, token: string): Promise<TokenOwner | undefined> {
  const rows = await sql<TokenOwner>(
    `select p.user_id as "userId", p.login, p.name, p.roles, p.active, t.token_id as "tokenId", t.scopes
       from personal_token t join person p using (user_id)
      where t.hash = $1 and not t.revoked and t.expires_at > clock_timestamp()`,
    [hashOfToken(token)],
  );
  return rows[0];
}
