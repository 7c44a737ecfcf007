/** Reports that are asked for: trial balance of a period, statement of an account over days. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";

const DAY_MS = 24 * 3_600_000;

let app: TestApp;
let days: string[];
before(async () => {
  app = await startTestApp({
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant", "manager"] },
      { login: "worker1", roles: ["worker"] },
      { login: "worker2", roles: ["worker"] },
    ],
  });
  days = [await workDay(), await workDay(), await workDay(false)];
});
after(() => app?.stop());

/** Some tasks, at least one for everybody, half of them done, and the day over, unless it is still to be open. */
async function workDay(over = true): Promise<string> {
  const drawn = new Set<string>();
  for (let n = 0; n < 6 || drawn.size < 2; n++) {
    assert(n < 100, "the draw never takes one of two");
    const { body } = await app.as("manager").post("/tasks", { title: `Task ${n}` });
    drawn.add(body.assigneeId);
    if (n % 2 === 0) await app.as("admin").post(`/tasks/${body.id}/complete`);
  }
  await app.settle();
  const { day } = (await app.as("accountant").get("/totals")).body;
  if (over) await app.moveClock(DAY_MS);
  await app.settle();
  return day;
}
const get = async (path: string, login = "accountant") => {
  const answer = await app.as(login).get(path);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};

test("the trial balance of a period has two sides of one sum, and its kinds are the totals of the close", async () => {
  for (const number of [1, 2, 3]) {
    const trial = await get(`/periods/${number}/trial-balance`);
    assert(trial.debitsMinor > 0);
    assert.equal(trial.debitsMinor, trial.creditsMinor);
    const { totals } = await get(`/periods/${number}`);
    if (totals === null) continue;
    const net = (account: string) => {
      const item = trial.items.find((it: { account: string }) => it.account === account);
      return item.creditsMinor - item.debitsMinor;
    };
    assert.deepEqual(
      [net("fee-income"), -net("reward-expense"), net("payout-clearing")],
      [totals.feesMinor, totals.rewardsMinor, totals.paidOutMinor],
    );
  }
  assert.equal((await app.as("accountant").get("/periods/99/trial-balance")).body.code, "period-not-found");
  assert.equal((await app.as("worker1").get("/periods/1/trial-balance")).status, 403);
});

test("a statement over days begins with what was carried over and ends with the balance, each line following from the one before", async () => {
  for (const login of ["worker1", "worker2"]) {
    const userId = app.people[login];
    const path = `/accounts/${userId}/statement`;
    const whole = await get(`${path}?from=${days[0]}&to=${days[2]}`, login);
    assert.equal(whole.lines.length, 3);
    let carried = 0;
    for (const line of whole.lines) {
      assert.equal(line.openingMinor, carried);
      assert.equal(line.closingMinor, line.openingMinor + line.creditsMinor - line.debitsMinor - line.payoutMinor);
      carried = line.closingMinor;
    }
    assert.equal(whole.closingMinor, (await get(`/accounts/${userId}`)).balanceMinor);
    assert.equal(whole.openingMinor + whole.creditsMinor - whole.debitsMinor - whole.payoutMinor, whole.closingMinor);
    const middle = await get(`${path}?from=${days[1]}&to=${days[1]}`);
    assert.deepEqual(middle.lines, [whole.lines[1]]);
    assert.deepEqual((await get(`${path}?from=2001-01-01&to=2001-02-01`)).lines, []);
  }
});

test("a statement is one's own or an accountant's to see, over days that are days", async () => {
  const path = `/accounts/${app.people["worker1"]}/statement`;
  const foreign = await app.as("worker2").get(`${path}?from=${days[0]}&to=${days[1]}`);
  assert.deepEqual([foreign.status, foreign.body.code], [403, "not-your-account"]);
  const turned = await app.as("worker1").get(`${path}?from=${days[1]}&to=${days[0]}`);
  assert.deepEqual([turned.status, turned.body.code], [400, "bad-range"]);
  for (const none of ["2026-02-30", "0000-00-00", "0000-01-01"]) {
    assert.equal((await app.as("worker1").get(`${path}?from=${none}&to=2026-03-01`)).body.code, "no-such-day");
    for (const other of ["/totals", "/entries", "/corrections"])
      assert.equal((await app.as("accountant").get(`${other}?day=${none}`)).body.code, "no-such-day", other);
  }
});
