/**
 * International bank account numbers (ISO 13616): whether one can be true, and how it is shown. Lengths by country are those
 * of the IBAN Registry that SWIFT keeps for ISO (compared with ibantools 4.5.4); check digits by ISO 7064, MOD 97-10.
 */

const LENGTHS = new Map(
  (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 " +
    "FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 " +
    "LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 " +
    "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
  )
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** What is wrong with an account number: its country, its length, a character, its check digits. */
export type IbanProblem = "country" | "length" | "characters" | "check-digits";

/** As it is written for machines: no blanks, capital letters. */
export function compactIban(text: string): string {
  return text.replaceAll(/\s/g, "").toUpperCase();
}

/** The first thing that is wrong with a compact IBAN; null when it can be one. Whether the account exists, only its bank knows. */
export function ibanProblem(iban: string): IbanProblem | null {
  const length = LENGTHS.get(iban.slice(0, 2));
  if (length === undefined) return "country";
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(iban)) return "characters";
  if (iban.length !== length) return "length";
  const digits = (iban.slice(4) + iban.slice(0, 4)).replaceAll(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(digits) % 97n === 1n ? null : "check-digits";
}

/** What people see who need not know the number: country, check digits, the last four. */
export function maskIban(iban: string): string {
  return `${iban.slice(0, 4)} •••• ${iban.slice(-4)}`;
}

/** Whether an account number stands somewhere in a text, with or without blanks in it. */
export function holdsIban(text: string): boolean {
  for (const { 0: found } of text.matchAll(/(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}/g)) {
    const iban = compactIban(found);
    if (ibanProblem(iban.slice(0, LENGTHS.get(iban.slice(0, 2)) ?? 0)) === null) return true;
  }
  return false;
}
