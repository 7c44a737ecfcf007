/** A company on whose first day everybody earned something, and what its accountants look at. */
import assert from "node:assert/strict";
import { inventedIban } from "../../../src/app/demo/pay-details.ts";
import type { TestApp } from "../../kit/app.ts";

export type ShownPayout = {
  userId: string;
  userName: string;
  label: string;
  amountMinor: number;
  state: string;
  entryId: string;
  returnedBy: string | null;
  reason: string | null;
  iban: string | null;
  holder: string | null;
  file: string | null;
};

export function fillCompany(app: TestApp) {
  let numbers = 0;
  const put = async (login: string, body: unknown) => {
    const response = await fetch(`${app.url}/api/my/pay-details`, {
      method: "PUT",
      headers: { authorization: `Bearer ${await app.as(login).token()}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    // oxlint-disable-next-line no-explicit-any -- tests look into answers of every shape
    return { status: response.status, body: (await response.json()) as any };
  };
  const payouts = async (period = 1): Promise<ShownPayout[]> => {
    const answer = await app.as("accountant").get(`/periods/${period}/payouts?limit=500`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.items;
  };
  const openPeriod = async () => {
    const [open] = (await app.as("accountant").get("/periods?limit=1")).body.items;
    return open.number as number;
  };
  const close = async () => {
    const number = await openPeriod();
    assert.equal((await app.as("accountant").post(`/periods/${number}/close`)).status, 202);
    await app.settle();
    const closed = (await app.as("accountant").get(`/periods/${number}`)).body;
    assert.equal(closed.status, "closed", JSON.stringify(closed.waitingFor));
    return number;
  };
  return {
    put,
    payouts,
    close,
    account: async (login: string) => (await app.as("accountant").get(`/accounts/${app.people[login]}`)).body,
    /** Says where somebody is paid: a number of their own. */
    setDetails: async (login: string) => {
      numbers += 1;
      const iban = inventedIban(numbers);
      const answer = await put(login, { iban, holder: `${login} Popug` });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return iban;
    },
    /** Draws tasks until everybody who may be drawn has finished one, and closes the period. */
    payDay: async () => {
      const workers = Object.keys(app.people).filter(
        (login) => !["admin", "manager", "accountant", "second"].includes(login),
      );
      const paid = new Set<string>();
      while (paid.size < workers.length) {
        const answer = await app.as("manager").post("/tasks", { title: "Count the seeds" });
        assert.equal(answer.status, 201);
        const login = workers.find((one) => app.people[one] === answer.body.assigneeId);
        assert(login, JSON.stringify(answer.body));
        assert.equal((await app.as(login).post(`/tasks/${answer.body.id}/complete`)).status, 200);
        await app.settle();
        const { balanceMinor } = (await app.as(login).get("/my/account")).body;
        if (balanceMinor > 0) paid.add(login);
      }
      return await close();
    },
  };
}

export type PaidCompany = ReturnType<typeof fillCompany>;
