import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { barChart } from "../../../src/services/notifications/rendering/chart.ts";
import { isUsableAddress, mailFileName, messageId, oneLine } from "../../../src/platform/mail/address.ts";
import { retryDelayMs } from "../../../src/services/notifications/mail.ts";
import { money, plainMoney } from "../../../src/services/notifications/rendering/format.ts";
import { html } from "../../../src/services/notifications/rendering/html.ts";
import { periodName } from "../../../src/services/notifications/rendering/label.ts";

test("pauses between attempts grow to four hours, and no two mails have to wait alike", () => {
  assert.deepEqual(
    [1, 2, 3, 8, 20].map((attempt) => retryDelayMs(attempt, 0)),
    [10_000, 40_000, 160_000, 14_400_000, 14_400_000],
  );
  assert.equal(retryDelayMs(1, 1), 5_000);
});

test("a mail has the same name and Message-ID at every attempt, and no other mail has them", () => {
  assert.equal(mailFileName("payslip:12:ab-c"), "payslip.12.ab-c.eml");
  assert.equal(messageId("payslip:12:a", "Popug <books@popug.test>"), messageId("payslip:12:a", "books@popug.test"));
  assert.notEqual(messageId("payslip:12:a", "x@y.z"), messageId("payslip:12:b", "x@y.z"));
});

test("addresses that could become a second reader or a header are none", () => {
  for (const good of ["a@b.test", "o'neil+tag@popug.example", "попуг@почта.test"]) assert(isUsableAddress(good), good);
  for (const bad of ["", "a", "a@", "a@b c", "a@b\r\nBcc: c@d", "a@b,c@d", "a@b;c@d", "<a@b>", '"a b"@c', "a@b@c"]) {
    assert(!isUsableAddress(bad), bad);
  }
  assert.equal(oneLine("Hello\r\nBcc: you\u2028there\u0000"), "Hello Bcc: you there");
});

test("amounts are exact, in the reader's language, with a real minus", () => {
  assert.equal(plainMoney(-5, "USD"), "-0.05");
  assert.equal(plainMoney(9007199254740991, "USD"), "90071992547409.91");
  assert.equal(plainMoney(-1200, "JPY"), "-1200");
  assert.equal(money(9007199254740991, "USD", "en"), "$90,071,992,547,409.91");
  assert.equal(money(-870, "USD", "en"), "\u2212$8.70");
  assert.equal(money(-0, "USD", "en"), "$0.00");
  assert.equal(money(3800, "USD", "en", true), "+$38.00");
  assert.equal(money(-123456, "RUB", "ru").replaceAll("\u00a0", " "), "\u22121 234,56 ₽");
});

test("values in HTML are escaped, HTML in HTML is not", () => {
  const inner = html`<i>${"<&>"}</i>`;
  assert.equal(
    html`<a title="${`"'`}">${inner}${[inner, inner]}</a>`.text,
    `<a title="&quot;&#39;">${"<i>&lt;&amp;&gt;</i>".repeat(3)}</a>`,
  );
});

test("a period is named by its day, and by its part after an early close", () => {
  assert.equal(periodName("2026-11-21", "en"), "21 November 2026");
  assert.equal(periodName("2026-11-21/2", "ru"), "21 ноября 2026 г., часть 2");
});

test("a chart is a PNG with a bar upwards for what was earned, downwards in red for what was lost, none for a day without books", () => {
  const image = barChart([200, null, -100]);
  assert.equal(image.subarray(1, 4).toString(), "PNG");
  const [width, height] = [image.readUInt32BE(16), image.readUInt32BE(20)];
  assert.deepEqual([width, image[24], image[25]], [3 * 72, 8, 6]);
  const size = image.readUInt32BE(33);
  const rows = inflateSync(image.subarray(41, 41 + size));
  assert.equal(rows.length, height * (1 + width * 4));
  const at = (bar: number, y: number) => {
    const start = y * (1 + width * 4) + 1 + (bar * 72 + 36) * 4;
    return [...rows.subarray(start, start + 4)];
  };
  const zero = Array.from({ length: height }, (_, y) => y).find((y) => (at(1, y)[3] ?? 0) > 0) ?? 0;
  const [earned, lost] = [at(0, zero - 20), at(2, zero + 20)];
  assert.deepEqual(
    [earned[3], at(0, zero + 20)[3], lost[3], at(2, zero - 20)[3], at(1, zero - 20)[3]],
    [255, 0, 255, 0, 0],
  );
  assert((earned[2] ?? 0) > (earned[0] ?? 0) && (lost[0] ?? 0) > (lost[2] ?? 0));
});
