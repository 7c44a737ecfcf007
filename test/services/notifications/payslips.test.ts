import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false });
  for (let i = 0; i < 6; i++) {
    const created = await app.as("manager").post("/tasks", { title: `Починить жёрдочку ${i}` });
    assert.equal(created.status, 201, JSON.stringify(created.body));
  }
  await app.settle();
  for (const login of ["worker1", "worker2", "worker3"]) {
    const { items } = (await app.as(login).get("/my/tasks")).body;
    if (items[0]) assert.equal((await app.as(login).post(`/tasks/${items[0].id}/complete`)).status, 200);
  }
  await app.settle();
  assert.equal((await app.as("accountant").post("/periods/1/close")).status, 202);
  await app.settle();
});
after(() => app?.stop());

const get = async (login: string, path: string) => {
  const answer = await app.as(login).get(path);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};

/** Whose statement is in period 1: a popug to whom something was assigned. */
const paid = async () => {
  for (const login of ["worker1", "worker2", "worker3"]) {
    const { items } = await get(login, "/payslips");
    if (items.length > 0) return { login, slip: items[0] };
  }
  throw new Error("nobody was assigned anything");
};

async function fetchPdf(login: string, path: string) {
  const token = await app.as(login).token();
  return await fetch(`${app.url}/api${path}`, { headers: { authorization: `Bearer ${token}` } });
}

test("everybody finds their own payslips, with what became of the mail; accountants find anybody's", async () => {
  const { login, slip } = await paid();
  assert.equal(slip.closingMinor, slip.openingMinor + slip.creditsMinor - slip.debitsMinor - slip.payoutMinor);
  assert.deepEqual([slip.period, slip.mailStatus], [1, "sent"]);
  const userId = app.people[login];
  assert.deepEqual((await get("accountant", `/payslips?userId=${userId}`)).items, [slip]);
  const other = login === "worker1" ? "worker2" : "worker1";
  assert.equal((await app.as(other).get(`/payslips?userId=${userId}`)).status, 403);
});

test("a payslip is a PDF in the language that is asked for; nobody gets another one's", async () => {
  const { login } = await paid();
  for (const language of ["en", "ru"]) {
    const answer = await fetchPdf(login, `/my/payslips/1.pdf?language=${language}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "application/pdf");
    assert.match(answer.headers.get("content-disposition") ?? "", /^attachment; filename="payslip-[\d-]+\.pdf"$/);
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.equal(bytes.subarray(0, 5).toString(), "%PDF-");
    assert(bytes.length < 200_000, `${bytes.length} bytes`);
  }
  const path = `/payslips/1/${app.people[login]}.pdf`;
  assert.equal((await fetchPdf("accountant", path)).status, 200);
  assert.equal((await fetchPdf(login, path)).status, 403);
  assert.equal((await fetchPdf(login, "/my/payslips/99.pdf")).status, 404);
});

test("accountants see how many payslips of a period are out, and send the failed ones again", async () => {
  const [counts] = (await get("accountant", "/payslips/counts?from=1&to=1")).items;
  assert.deepEqual([counts.period, counts.sent, counts.failed], [1, counts.total, 0]);
  await app.owner("update notifications.mail set status = 'failed' where kind = 'payslip' and key like 'payslip:1:%'");
  assert.equal((await get("accountant", "/payslips/counts?from=1&to=1")).items[0].failed, counts.total);
  const retried = await app.as("accountant").post("/payslips/1/retry");
  assert.deepEqual([retried.status, retried.body.count], [200, counts.total]);
  await app.settle();
  assert.equal((await get("accountant", "/payslips/counts?from=1&to=1")).items[0].sent, counts.total);
  assert.equal((await app.as("worker1").post("/payslips/1/retry")).status, 403);
});

test("the distribution of rewards counts every finished task once", async () => {
  const top = await get("admin", "/analytics/top-task?span=week");
  const { bars, stepMinor } = await get("admin", "/analytics/rewards?span=week");
  assert.equal(
    bars.reduce((sum: number, bar: { count: number }) => sum + bar.count, 0),
    top.doneCount,
  );
  assert(top.task.rewardMinor >= bars.at(-1).fromMinor && top.task.rewardMinor < bars.at(-1).fromMinor + stepMinor);
  assert.equal((await app.as("accountant").get("/analytics/rewards")).status, 403);
});

test("the audit mail holds the trial balance of its period, as the books have it", async () => {
  const { items, debitsMinor, creditsMinor } = await get("accountant", "/periods/1/trial-balance");
  assert(debitsMinor > 0 && debitsMinor === creditsMinor);
  const [mail] = (await get("admin", "/mails?kind=audit")).items;
  const { text } = await get("admin", `/mails/${mail.mailId}`);
  const usd = (minor: number) => `\\$${(minor / 100).toLocaleString("en", { minimumFractionDigits: 2 })}`;
  const names = { popug: "Popugs", "fee-income": "Fees", "reward-expense": "Rewards", "payout-clearing": "Payouts" };
  for (const [account, name] of Object.entries(names)) {
    const line = items.find((item: { account: string }) => item.account === account);
    const sides = `${usd(line.debitsMinor)} / ${usd(line.creditsMinor)}`;
    assert.match(text, new RegExp(`${sides} +${name}\n`), account);
  }
  assert.match(text, new RegExp(`${usd(debitsMinor)} / ${usd(creditsMinor)} +Sum\n`));
  const { eml } = await get("admin", `/mails/${mail.mailId}/file`);
  assert.match(eml, /filename=trial-balance-[\d-]+\.csv/);
});
