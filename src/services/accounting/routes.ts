/** What people can ask of accounting. */
import type { Route } from "../../platform/http/route.ts";
import type { Settings } from "../../settings.ts";
import { correctionCommands } from "./commands/correct-entry.ts";
import { closePeriod } from "./commands/close-period.ts";
import { payoutCommands } from "./commands/move-payouts.ts";
import { setPayDetails } from "./commands/set-pay-details.ts";
import { writeOffCommands } from "./commands/write-off.ts";
import { getAccountStatement } from "./queries/account-statement.ts";
import { importBalances } from "./commands/import-balances.ts";
import { accountQueries } from "./queries/accounts.ts";
import { correctionQueries } from "./queries/corrections.ts";
import { dayQueries } from "./queries/days.ts";
import { listEntries } from "./queries/entries.ts";
import { exportRoutes } from "./queries/export-period.ts";
import { explainEntry } from "./queries/explain-entry.ts";
import { overviewQueries } from "./queries/overview.ts";
import { payDetailsQueries } from "./queries/pay-details.ts";
import { payoutFileQueries } from "./queries/payout-files.ts";
import { payoutQueries } from "./queries/payouts.ts";
import { periodQueries } from "./queries/periods.ts";
import { priceQueries } from "./queries/prices.ts";
import { writeOffQueries } from "./queries/write-offs.ts";
import { getTrialBalance } from "./queries/trial-balance.ts";

export function accountingRoutes(settings: Settings): Route[] {
  return [
    ...accountQueries(settings),
    getAccountStatement,
    listEntries,
    explainEntry,
    ...dayQueries(settings),
    ...overviewQueries(settings),
    ...periodQueries,
    ...priceQueries(settings),
    getTrialBalance,
    ...exportRoutes,
    closePeriod,
    ...correctionQueries,
    ...correctionCommands(settings),
    ...payoutQueries,
    ...payoutCommands,
    ...payoutFileQueries(settings),
    ...payDetailsQueries,
    setPayDetails,
    ...writeOffQueries,
    ...writeOffCommands,
    importBalances,
  ];
}
