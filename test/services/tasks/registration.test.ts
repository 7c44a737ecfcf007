import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  causeOfEnd,
  endOfDay,
  isDue,
  periodAfter,
  type Registration,
} from "../../../src/services/tasks/registration.ts";

const midnight = (timeZone: string) => ({ timeZone, closesAt: "00:00" });
const founding: Registration = { period: 0, businessDate: null, part: 0, endsAt: null };
const open = (businessDate: string, zone: string, part = 1): Registration => ({
  period: 7,
  businessDate,
  part,
  endsAt: endOfDay(businessDate, midnight(zone)),
});

describe("the end of a business day is the first instant of the next local date", () => {
  const cases: [day: string, zone: string, end: string, why: string][] = [
    ["2026-11-22", "UTC", "2026-11-23T00:00:00.000Z", "no daylight saving at all"],
    ["2026-11-22", "Europe/Moscow", "2026-11-22T21:00:00.000Z", "east of Greenwich"],
    ["2026-03-29", "Europe/Berlin", "2026-03-29T22:00:00.000Z", "a day of 23 hours"],
    ["2026-10-25", "Europe/Berlin", "2026-10-25T23:00:00.000Z", "a day of 25 hours"],
    ["2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z", "the next date begins at 01:00"],
    ["2018-02-17", "America/Sao_Paulo", "2018-02-18T03:00:00.000Z", "23:00 comes twice"],
    ["2024-04-25", "Africa/Cairo", "2024-04-25T22:00:00.000Z", "the next date begins at 01:00"],
    ["2024-10-31", "Africa/Cairo", "2024-10-31T22:00:00.000Z", "23:00 comes twice"],
    ["2024-03-30", "Asia/Beirut", "2024-03-30T22:00:00.000Z", "the next date begins at 01:00"],
    ["2011-12-29", "Pacific/Apia", "2011-12-30T10:00:00.000Z", "30 December never was"],
    ["2024-02-28", "Asia/Kolkata", "2024-02-28T18:30:00.000Z", "a leap year, and half an hour"],
  ];
  for (const [day, zone, end, why] of cases) {
    test(`${day} in ${zone}: ${why}`, () => assert.equal(endOfDay(day, midnight(zone)).toISOString(), end));
  }
});

test("the first period is the local date of the moment in which it is founded", () => {
  const next = periodAfter(founding, new Date("2026-11-22T22:30:00Z"), midnight("Europe/Moscow"));
  assert.deepEqual(next, {
    period: 1,
    businessDate: "2026-11-23",
    part: 1,
    beginsAt: new Date("2026-11-22T22:30:00Z"),
    endsAt: new Date("2026-11-23T21:00:00Z"),
  });
  assert.equal(causeOfEnd(founding, new Date()), "founding");
});

test("a period is due at its end, not a millisecond before", () => {
  const period = open("2026-11-22", "UTC");
  assert.equal(isDue(period, new Date("2026-11-22T23:59:59.999Z")), false);
  assert.equal(isDue(period, new Date("2026-11-23T00:00:00.000Z")), true);
});

test("a period ended late is followed by the very next date, from its very beginning", () => {
  const period = open("2026-11-22", "UTC");
  const late = new Date("2026-11-25T10:00:00Z");
  const next = periodAfter(period, late, midnight("UTC"));
  assert.equal(next.businessDate, "2026-11-23");
  assert.deepEqual(next.beginsAt, period.endsAt);
  assert.equal(causeOfEnd(period, late), "schedule");
});

test("an early close is followed by the next part of the same date, which ends when the first would have", () => {
  const period = open("2026-11-22", "UTC");
  const noon = new Date("2026-11-22T12:00:00Z");
  const next = periodAfter(period, noon, midnight("UTC"));
  assert.deepEqual(next, { period: 8, businessDate: "2026-11-22", part: 2, beginsAt: noon, endsAt: period.endsAt });
  assert.equal(causeOfEnd(period, noon), "request");
  assert.equal(periodAfter(next, new Date("2026-11-22T13:00:00Z"), midnight("UTC")).part, 3);
  assert.equal(periodAfter(next, new Date("2026-11-23T00:00:00Z"), midnight("UTC")).part, 1);
});

test("a date that a zone skips has no period", () => {
  const next = periodAfter(
    open("2011-12-29", "Pacific/Apia"),
    new Date("2011-12-30T10:00:00Z"),
    midnight("Pacific/Apia"),
  );
  assert.equal(next.businessDate, "2011-12-31");
});

test("a change of the time zone neither repeats a date nor goes back", () => {
  const moscow = open("2026-11-22", "Europe/Moscow");
  const next = periodAfter(moscow, new Date("2026-11-22T21:00:00Z"), midnight("America/New_York"));
  assert.equal(`${next.businessDate}/${next.part}`, "2026-11-22/2");
  assert.deepEqual(next.endsAt, new Date("2026-11-23T05:00:00Z"));
});

describe("a business day ends at the closing time", () => {
  const cases: [day: string, zone: string, closesAt: string, end: string, why: string][] = [
    ["2026-11-22", "UTC", "18:00", "2026-11-22T18:00:00.000Z", "in the evening of its own date"],
    ["2026-11-22", "UTC", "03:30", "2026-11-23T03:30:00.000Z", "at night, of the next date"],
    ["2026-03-28", "Europe/Berlin", "02:30", "2026-03-29T01:30:00.000Z", "a time that clocks skip: an hour later"],
    ["2026-10-24", "Europe/Berlin", "02:30", "2026-10-25T00:30:00.000Z", "a time that comes twice: the first"],
  ];
  for (const [day, timeZone, closesAt, end, why] of cases) {
    test(`${day} at ${closesAt} in ${timeZone}: ${why}`, () =>
      assert.equal(endOfDay(day, { timeZone, closesAt }).toISOString(), end));
  }
});

test("another closing time makes one day shorter or longer, and none is left out", () => {
  const midnightOf = open("2026-11-22", "UTC");
  const at = midnightOf.endsAt as Date;
  const dayTo = (closesAt: string) => periodAfter(midnightOf, at, { timeZone: "UTC", closesAt });
  assert.deepEqual(
    [dayTo("18:00").businessDate, dayTo("18:00").endsAt],
    ["2026-11-23", new Date("2026-11-23T18:00:00Z")],
  );
  assert.deepEqual([dayTo("03:00").businessDate, dayTo("03:00").part], ["2026-11-22", 2]);
  assert.deepEqual(dayTo("03:00").endsAt, new Date("2026-11-23T03:00:00Z"));
});

test("periods touch, their dates rise and (date, part) never repeats, in any zone and whenever they are ended", () => {
  const zones = [
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Apia",
    "Asia/Tehran",
  ];
  const waits = fc.array(fc.integer({ min: 0, max: 40 * 3_600_000 }), { minLength: 1, maxLength: 40 });
  const start = fc.date({ min: new Date("2005-01-01"), max: new Date("2026-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(fc.constantFrom(...zones), start, waits, (zone, begin, pauses) => {
      let now = begin;
      let period = periodAfter(founding, now, midnight(zone));
      for (const pause of pauses) {
        now = new Date(now.getTime() + pause);
        const next = periodAfter(period, now, midnight(zone));
        assert.deepEqual(next.beginsAt, isDue(period, now) ? period.endsAt : now);
        assert.ok(next.endsAt > next.beginsAt);
        const [before, after] = [period, next].map((p) => `${p.businessDate}/${String(p.part).padStart(4, "0")}`);
        assert.ok((after as string) > (before as string));
        // An early close leaves the end of the day where it was.
        if (next.part > 1) assert.deepEqual(next.endsAt, period.endsAt);
        period = next;
        if (now < period.beginsAt) now = period.beginsAt;
      }
    }),
  );
});
