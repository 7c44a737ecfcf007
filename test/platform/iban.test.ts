import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compactIban, holdsIban, ibanProblem, maskIban } from "../../src/platform/iban.ts";

/** Examples of the IBAN Registry. */
const examples = [
  "DE89370400440532013000",
  "GB29NWBK60161331926819",
  "FR1420041010050500013M02606",
  "NO9386011117947",
  "MT84MALT011000012345MTLCAST001S",
  "CH9300762011623852957",
  "RU0304452522540817810538091310419",
  "LC55HEMM000100010012001200023015",
];

test("account numbers of the registry are taken, with blanks and small letters as people write them", () => {
  for (const iban of examples) {
    assert.equal(ibanProblem(iban), null, iban);
    assert.equal(compactIban(iban.toLowerCase().replaceAll(/(.{4})/g, "$1 ")), iban);
  }
});

test("what is wrong is named: the country, a character, the length, the check digits", () => {
  assert.equal(ibanProblem("ZZ89370400440532013000"), "country");
  assert.equal(ibanProblem("DE8937040044053201300"), "length");
  assert.equal(ibanProblem("DE893704004405320130000"), "length");
  assert.equal(ibanProblem("DE8937040044053201300é"), "characters");
  assert.equal(ibanProblem("DEX9370400440532013000"), "characters");
  assert.equal(ibanProblem("DE88370400440532013000"), "check-digits");
});

test("a digit mistyped and two neighbours exchanged are seen, wherever they are", () => {
  fc.assert(
    fc.property(fc.constantFrom(...examples), fc.nat(), fc.integer({ min: 1, max: 9 }), (iban, at, by) => {
      const place = 4 + (at % (iban.length - 5));
      const old = iban[place] as string;
      const next = iban[place + 1] as string;
      if (/\d/.test(old)) {
        const mistyped = iban.slice(0, place) + String((Number(old) + by) % 10) + iban.slice(place + 1);
        assert.equal(ibanProblem(mistyped), "check-digits", mistyped);
      }
      if (/\d/.test(old) && /\d/.test(next) && old !== next) {
        const exchanged = iban.slice(0, place) + next + old + iban.slice(place + 2);
        assert.equal(ibanProblem(exchanged), "check-digits", exchanged);
      }
    }),
  );
});

test("others see the first four and the last four of a number", () => {
  assert.equal(maskIban("DE89370400440532013000"), "DE89 •••• 3000");
});

test("an account number inside a text is found, however it is written; other numbers are not", () => {
  assert(holdsIban("the bank sent DE89 3704 0044 0532 0130 00 back"));
  assert(holdsIban("de89370400440532013000"));
  assert(holdsIban("account (GB29NWBK60161331926819) is closed"));
  for (const text of ["rejected on 2046-11-22, code AC04", "DE88370400440532013000", "order 12345678901234567890"]) {
    assert(!holdsIban(text), text);
  }
});
