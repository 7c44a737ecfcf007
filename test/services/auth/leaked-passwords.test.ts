import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { contains, folded, isLeaked, LEAKED_FILE, packLeaked } from "../../../src/services/auth/leaked-passwords.ts";
import { weaknessOf } from "../../../src/services/auth/password-strength.ts";

const formsOf = (password: string) => [
  password,
  password.toLowerCase(),
  password.toUpperCase(),
  password.normalize("NFD"),
  password.normalize("NFKD"),
];

test("of packed passwords each is found, in whatever case and form it is typed, and no other one", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  fc.assert(
    fc.property(fc.array(text), fc.array(text), (leaked, others) => {
      const packed = packLeaked(leaked);
      const keys = new Set(leaked.map(folded));
      assert.equal(packed.length, 6 * keys.size);
      for (const password of leaked) {
        for (const typed of formsOf(password)) assert.ok(contains(packed, typed), JSON.stringify(typed));
      }
      for (const password of others) assert.equal(contains(packed, password), keys.has(folded(password)));
    }),
  );
  assert.ok(!contains(packLeaked([]), ""));
});

test("every character there is, alone, first, last and inside, is one in all its cases and forms", () => {
  for (let code = 0; code < 0x11_0000; code++) {
    if (code >= 0xd8_00 && code < 0xe0_00) continue;
    const one = String.fromCodePoint(code);
    for (const password of [one, `${one}a`, `a${one}`, `a${one}b`]) {
      const key = folded(password);
      if (formsOf(password).some((typed) => folded(typed) !== key)) assert.fail(code.toString(16));
    }
  }
  assert.notEqual(folded("a"), folded("b"));
});

test("more than 40 000 leaked passwords of our length are refused, also such as no rule finds weak", () => {
  assert.ok(readFileSync(LEAKED_FILE).length / 6 > 40_000);
  // From the end and the middle of the list; no word, row of keys or date is in them.
  for (const password of ["verkot492934", "Qa8916820123", "8dAGYCF9LDtf", "YoungAndRestless", "medalofhonor"]) {
    assert.ok(isLeaked(password), password);
    assert.equal(weaknessOf(password, []), "leaked", password);
  }
  assert.equal(weaknessOf("verkot492935", []), null);
});
