/** The books of a demo day, as accounting shows them through the API, and the mails that went out about it. */
import { plainMoney } from "../../services/notifications/rendering/format.ts";
import { allPages, type Caller } from "../cli/caller.ts";
import type { Period } from "../cli/period.ts";
import { table } from "../cli/table.ts";
import type { Cast } from "./cast.ts";
import { until } from "./day.ts";

type Account = { userId: string; name: string; login: string; active: boolean; openingMinor: number };
type Entry = { userId: string; kind: "fee" | "reward" | "reward-reversal" | "payout"; amountMinor: number };
type Mail = {
  kind: "payslip" | "report" | "audit";
  period: number | null;
  status: "queued" | "sending" | "sent" | "failed";
};

/** A popug's day. Amounts in minor units; a reward that was taken back lowers the rewards. */
export type Line = {
  login: string;
  name: string;
  active: boolean;
  openingMinor: number;
  feesMinor: number;
  rewardsMinor: number;
  payoutMinor: number;
  closingMinor: number;
};

export type Mails = Record<Mail["kind"], number> & { failed: number };

/** What each popug brings along from the days before, by user id. */
export async function openings(accountant: Caller): Promise<Map<string, number>> {
  const accounts = await allPages<Account>(accountant, "/accounts");
  return new Map(accounts.map((account) => [account.userId, account.openingMinor]));
}

/** One line per popug of a closed period, by name. */
export async function dayLines(cast: Cast, period: number, brought: ReadonlyMap<string, number>): Promise<Line[]> {
  const entries = await allPages<Entry>(cast.accountant, `/entries?period=${period}`);
  const accounts = await allPages<Account>(cast.accountant, "/accounts");
  const sums = new Map<string, Record<Entry["kind"], number>>();
  for (const { userId, kind, amountMinor } of entries) {
    const sum = sums.get(userId) ?? { fee: 0, reward: 0, "reward-reversal": 0, payout: 0 };
    sum[kind] += amountMinor;
    sums.set(userId, sum);
  }
  return accounts.map(({ userId, login, name, active, openingMinor }) => {
    const sum = sums.get(userId);
    return {
      ...{ login, name, active },
      openingMinor: brought.get(userId) ?? 0,
      feesMinor: -(sum?.fee ?? 0),
      rewardsMinor: (sum?.reward ?? 0) + (sum?.["reward-reversal"] ?? 0),
      payoutMinor: -(sum?.payout ?? 0),
      closingMinor: openingMinor,
    };
  });
}

/** Sentences about lines that do not add up, or not to the totals of the closed period. */
export function contradictions(lines: readonly Line[], period: Period): string[] {
  const found = lines
    .filter((it) => it.openingMinor - it.feesMinor + it.rewardsMinor - it.payoutMinor !== it.closingMinor)
    .map((it) => `the lines of ${it.login} do not add up to the closing balance`);
  const { totals } = period;
  if (totals === null) return [...found, `period ${period.number} has no totals`];
  const sum = (pick: (line: Line) => number) => lines.reduce((total, line) => total + pick(line), 0);
  const compare = (what: string, here: number, told: number) => {
    if (here !== told) found.push(`the lines have ${here} of ${what}, the period's totals say ${told}`);
  };
  compare(
    "fees",
    sum((it) => it.feesMinor),
    totals.feesMinor,
  );
  compare(
    "rewards",
    sum((it) => it.rewardsMinor),
    totals.rewardsMinor,
  );
  compare(
    "payouts",
    sum((it) => it.payoutMinor),
    totals.paidOutMinor,
  );
  compare(
    "carried balances",
    sum((it) => it.closingMinor),
    totals.carriedMinor,
  );
  return found;
}

/** Waits until all mails of the period are out, and counts them. */
export async function mailsOf(admin: Caller, period: number): Promise<Mails> {
  return until(`the mails of period ${period} are written`, async () => {
    const mails: Mail[] = [];
    // Newest first: what is older than the period ends the search.
    for (let cursor = ""; ; ) {
      const page: { items: Mail[]; nextCursor: string | null } = await admin.get(
        `/mails?limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      mails.push(...page.items.filter((mail) => mail.period === period));
      if (page.nextCursor === null || page.items.some((mail) => mail.period !== null && mail.period < period)) break;
      cursor = page.nextCursor;
    }
    const count = (pick: (mail: Mail) => boolean) => mails.filter(pick).length;
    const of = (kind: Mail["kind"]) => count((mail) => mail.kind === kind && mail.status === "sent");
    const isComplete = (["payslip", "report", "audit"] as const).every((kind) => mails.some((it) => it.kind === kind));
    const underway = count((mail) => mail.status === "queued" || mail.status === "sending");
    if (!isComplete || underway > 0) return undefined;
    return {
      payslip: of("payslip"),
      report: of("report"),
      audit: of("audit"),
      failed: count((it) => it.status === "failed"),
    };
  });
}

/** The books as a table with a line of totals; who had nothing to do with money that day is left out. */
export function showBooks(lines: readonly Line[], period: Period): string {
  const money = (minor: number) => plainMoney(minor, period.currency);
  const figures = ["opening", "fees", "rewards", "payout", "closing"];
  const row = (name: string, it: Omit<Line, "login" | "name" | "active">) => [
    name,
    ...[it.openingMinor, it.feesMinor, it.rewardsMinor, it.payoutMinor, it.closingMinor].map(money),
  ];
  const amounts = ["openingMinor", "feesMinor", "rewardsMinor", "payoutMinor", "closingMinor"] as const;
  const total = Object.fromEntries(
    amounts.map((name) => [name, lines.reduce((sum, line) => sum + line[name], 0)]),
  ) as Record<(typeof amounts)[number], number>;
  return table(
    [`popug (${period.currency})`, ...figures],
    [
      ...lines
        .filter((it) => amounts.some((name) => it[name] !== 0))
        .map((it) => row(it.active ? it.name : `${it.name} (left)`, it)),
      row("all", total),
    ],
    figures,
  );
}
