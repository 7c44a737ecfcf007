/** What people of a company at work decide about money, beside their tasks: everything that accounting posts by itself. */
import assert from "node:assert/strict";
import { fillCompany } from "../services/accounting/paid-company.ts";
import type { Company } from "./company-at-work.ts";

/** Balances from other books, enough to be paid at the next close; one of them a debt that nobody here can work off. */
export async function bringBalances({ app }: Company): Promise<void> {
  const csv = "login,amount\nworker1,1012.50\nworker2,1300\nworker3,1400\nworker4,1500\nworker5,1600\nworker6,-90000";
  const answer = await app.as("accountant").post("/opening-balances/import", { csv, currency: "USD" });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal(answer.body.imported, 6);
}

/** Some say where they are paid. */
export async function sayWherePaid({ app }: Company): Promise<void> {
  const paid = fillCompany(app);
  for (const login of ["worker1", "worker2", "worker3", "worker4"]) await paid.setDetails(login);
}

/** An accountant corrects what nobody has corrected yet: entries of this period, of earlier ones, and of corrections. */
export async function correctSome({ app }: Company): Promise<void> {
  for (const kind of ["fee", "reward"]) {
    const { items } = (await app.as("accountant").get(`/entries?kind=${kind}&limit=20`)).body;
    for (const { entryId } of items.filter((_: unknown, index: number) => index % 7 === 0)) {
      const path = `/entries/${entryId}/corrections`;
      const answer = await app
        .as("accountant")
        .post(path, { amountMinor: kind === "fee" ? 0 : 1_234, reason: "a dispute" });
      assert([201, 403, 409].includes(answer.status), JSON.stringify(answer.body));
    }
  }
}

/** Payouts of closed periods move on: sent in a file or by themselves, confirmed, failed before or after; some stay as they are for a day. */
export async function movePayouts({ app }: Company, day: number): Promise<void> {
  const accountant = app.as("accountant");
  const periods = (await accountant.get("/periods?limit=100")).body.items as { number: number; status: string }[];
  for (const { number } of periods.filter(({ status }) => status === "closed")) {
    const payouts = (await accountant.get(`/periods/${number}/payouts?limit=500`)).body.items as Payout[];
    for (const [index, { userId, state }] of payouts.entries()) {
      const choice = steps[state] ?? [];
      const step = choice[(index + day) % choice.length];
      if (step === undefined) continue;
      const body = step === "failed" ? { reason: "the account is closed" } : undefined;
      // Nobody gives a payout back to themselves.
      const by = app.people["accountant"] === userId ? app.as("admin") : accountant;
      const answer = await by.post(`/payouts/${number}/${userId}/${step}`, body);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    }
    const [file] = (await accountant.get(`/periods/${number}/payout-files`)).body.items;
    if (file === undefined || file.sentAt !== null) continue;
    const sent = await accountant.post(`/periods/${number}/payout-files/${file.messageId}/sent`);
    assert.equal(sent.status, 200, JSON.stringify(sent.body));
  }
}

type Payout = { userId: string; state: string };
const steps: Record<string, (string | undefined)[]> = {
  waiting: [undefined, "failed"],
  requested: ["sent", "failed", undefined],
  sent: ["confirmed", "failed", undefined],
};

/** Somebody leaves with a debt, and two people give it up. */
export async function giveUpDebt(company: Company): Promise<void> {
  const { app } = company;
  const leaver = app.people["worker6"];
  assert.equal((await app.as("admin").patch(`/users/${leaver}`, { status: "inactive" })).status, 200);
  await company.settleBooks();
  const asked = await app.as("accountant").post(`/accounts/${leaver}/write-offs`, { reason: "moved to the jungle" });
  assert.equal(asked.status, 201, JSON.stringify(asked.body));
  const agreed = await app.as("admin").post(`/write-offs/${asked.body.id}/approve`);
  assert.equal(agreed.status, 200, JSON.stringify(agreed.body));
}
