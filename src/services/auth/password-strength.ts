/**
 * Which passwords are refused: those that are short, that have leaked, that stand in lists of common ones, or that are built
 * from such, from keyboard rows, dates, repeats, or from what anybody knows of the person. Judged offline, in some
 * milliseconds, by a list of leaks and by zxcvbn; no rule about kinds of characters (NIST SP 800-63B §3.1.1.2).
 */
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { Refusal } from "../../platform/refusal.ts";
import { isLeaked } from "./leaked-passwords.ts";

export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 128;

/** What a guesser who knows the lists needs at least, as a power of ten: a year at our hashing costs, on one machine. */
const MIN_GUESSES_LOG10 = 9;
/** Characters that have to be left when the words of the context are taken out. */
const MIN_OF_ONES_OWN = 6;
const OUR_WORDS = ["popug", "попуг", "parrot", "попугай", "awesome", "uberpopug"];

let estimator: ZxcvbnFactory | undefined;

export type Weakness = "short" | "long" | "leaked" | "common" | "context";

/**
 * Why this is no good password, or null.
 * @param context what others know of the person: login, name, e-mail
 */
export function weaknessOf(password: string, context: readonly string[]): Weakness | null {
  const typed = password.normalize("NFKC");
  const length = Array.from(typed).length;
  if (length < MIN_PASSWORD) return "short";
  if (typed.length > MAX_PASSWORD) return "long";
  const words = [...context.flatMap((text) => text.toLowerCase().split(/[\s@._-]+/)), ...OUR_WORDS]
    .filter((word) => word.length >= 3)
    .sort((a, b) => b.length - a.length);
  const own = words.reduce((rest, word) => rest.replaceAll(word, ""), typed.toLowerCase());
  if ((own.match(/[\p{L}\p{N}]/gu) ?? []).length < MIN_OF_ONES_OWN) return "context";
  if (isLeaked(typed)) return "leaked";
  // Made on the first use: the lists take some ten megabytes.
  estimator ??= new ZxcvbnFactory({ dictionary: { ...dictionary }, graphs: adjacencyGraphs, maxLength: MAX_PASSWORD });
  return estimator.check(typed, words).guessesLog10 < MIN_GUESSES_LOG10 ? "common" : null;
}

const texts: Record<Weakness, string> = {
  short: `A password has at least ${MIN_PASSWORD} characters.`,
  long: `A password has at most ${MAX_PASSWORD} characters.`,
  leaked: "This password is known from a leak somewhere else; choose one that you have never used.",
  common: "This password is easy to guess; a few unrelated words make a good one.",
  context: "This password is made of the name, the login or the product; choose something else.",
};

/** @throws Refusal `weak-password`, naming the field */
export function assertGoodPassword(password: string, context: readonly string[], path = "body/password"): void {
  const weakness = weaknessOf(password, context);
  if (weakness === null) return;
  throw new Refusal("invalid", "weak-password", "Choose another password.", {
    fields: [{ path, message: texts[weakness] }],
  });
}
