import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { officeOf } from "../../journeys/office.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false, settings: { timeZone: "UTC" }, beginsAt: "2048-06-10T10:00:00Z" });
  await app.settle();
});
after(() => app?.stop());

/** At which hours lines of payslips of a period were charged and paid, as the mails say. */
async function hoursOf(period: number): Promise<string[]> {
  const { items } = (await app.as("admin").get("/mails?kind=payslip&limit=100")).body;
  const ofPeriod = items.filter(({ key }: { key: string }) => key.startsWith(`payslip:${period}:`));
  const texts = await Promise.all(
    ofPeriod.map(async ({ mailId }: { mailId: string }) => (await app.as("admin").get(`/mails/${mailId}`)).body.text),
  );
  const hours = texts.flatMap((text: string) => [...text.matchAll(/^(\d\d):\d\d {2}.*Cage/gm)].map((line) => line[1]));
  return [...new Set(hours as string[])];
}

test("times of a payslip are those of the zone that counted in its period, whatever was set later", async () => {
  const office = officeOf(app);
  await office.createMany(5);
  await app.settle();
  assert.equal((await app.as("admin").patch("/settings", { timeZone: "Asia/Tokyo" })).status, 200);
  await office.closeNow();
  await office.createMany(5);
  await app.settle();
  await office.closeNow();
  await app.settle();
  assert.deepEqual([await hoursOf(1), await hoursOf(2)], [["10"], ["19"]]);
});
