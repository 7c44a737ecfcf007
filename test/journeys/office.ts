/** What people of the company do and see, over HTTP, in a line each. */
import assert from "node:assert/strict";
import type { Answer, TestApp } from "../kit/app.ts";

export type Task = {
  id: string;
  number: number;
  title: string;
  status: "in_progress" | "done";
  assigneeId: string | null;
};
export type Entry = {
  entryId: string;
  kind: string;
  amountMinor: number;
  taskId: string | null;
  period: number;
  label: string;
};
export type Account = { balanceMinor: number; openingMinor: number; creditsMinor: number; debitsMinor: number };
export type Period = {
  number: number;
  label: string;
  businessDate: string;
  part: number;
  status: "open" | "closing" | "closed";
  beganAt: string;
  endsAt: string;
  waitingFor: { kind: string; text: string }[];
  totals: Record<string, number> | null;
  seal: string | null;
  check: { ok: boolean } | null;
};

export type Office = ReturnType<typeof officeOf>;

export function officeOf(app: TestApp) {
  const ok = (answer: Answer, status = 200) => {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const loginOf = (userId: string | null) => Object.entries(app.people).find(([, id]) => id === userId)?.[0];
  const office = {
    loginOf,
    create: async (title: string, by = "worker1"): Promise<Task> => ok(await app.as(by).post("/tasks", { title }), 201),
    createMany: async (count: number): Promise<void> => {
      const titles = Array.from({ length: count }, (_, i) => `Cage ${i + 1}`);
      ok(await app.as("manager").post("/tasks/import", { titles }));
    },
    task: async (id: string): Promise<Task> => ok(await app.as("admin").get(`/tasks/${id}`)),
    tasks: async (): Promise<Task[]> => ok(await app.as("admin").get("/tasks?limit=100")).items,
    /** Its assignee says that it is done. */
    done: async (task: Task): Promise<Answer> => {
      const login = loginOf((await office.task(task.id)).assigneeId);
      assert(login, `nobody holds task ${task.number}`);
      return app.as(login).post(`/tasks/${task.id}/complete`);
    },
    change: async (login: string, change: unknown): Promise<void> => {
      ok(await app.as("admin").patch(`/users/${app.people[login]}`, change));
    },
    account: async (login: string): Promise<Account> => ok(await app.as("admin").get(`/accounts/${app.people[login]}`)),
    /** Oldest first. */
    entries: async (query: string): Promise<Entry[]> => {
      const all: Entry[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const found: { items: Entry[]; nextCursor: string | null } = ok(
          await app
            .as("accountant")
            .get(`/entries?limit=100&${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`),
        );
        all.push(...found.items);
        cursor = found.nextCursor;
      }
      return all.reverse();
    },
    /** Oldest first. */
    periods: async (): Promise<Period[]> => ok(await app.as("accountant").get("/periods?limit=100")).items.reverse(),
    openPeriod: async (): Promise<Period> => {
      const open = (await office.periods()).filter(({ status }) => status === "open");
      assert.equal(open.length, 1, "exactly one period is open");
      return open[0] as Period;
    },
    closeNow: async (): Promise<Period> => {
      const { number } = await office.openPeriod();
      ok(await app.as("accountant").post(`/periods/${number}/close`), 202);
      await app.settle();
      return office.period(number);
    },
    period: async (number: number): Promise<Period> => ok(await app.as("accountant").get(`/periods/${number}`)),
    /** Business time becomes this instant; nothing has happened yet. */
    clockTo: async (to: string): Promise<void> => {
      ok(await app.as("admin").post("/clock", { to }));
    },
    /** The clock passes the end of the open period, and whatever follows from it. */
    midnight: async (): Promise<Period> => {
      const { number, endsAt } = await office.openPeriod();
      await office.clockTo(endsAt);
      await app.settle();
      return office.period(number);
    },
  };
  return office;
}

export const sum = (entries: readonly Entry[], kind?: string): number =>
  entries
    .filter((entry) => kind === undefined || entry.kind === kind)
    .reduce((total, entry) => total + entry.amountMinor, 0);

/** Closed, proved and sealed. */
export function assertClosed(period: Period): void {
  assert.deepEqual([period.status, period.waitingFor, period.check?.ok], ["closed", [], true], period.label);
  assert.match(period.seal ?? "", /^[0-9a-f]{64}$/);
}
