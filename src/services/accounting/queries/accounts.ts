/** Accounts: my own, anybody's for those who may, all of them in pages. */
import { Type } from "typebox";
import { findPerson } from "../../../people/replica.ts";
import { Currency, Minor, Uuid } from "../../../platform/contract.ts";
import { page, Page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { assertMaySee } from "../access.ts";
import { settingsNow } from "../period-store.ts";
import { type AccountRow, findAccount, listAccountRows } from "../account-store.ts";

/** balance = opening + credits − debits; credits and debits are those of the periods that are not closed yet. */
const Account = Type.Object({
  userId: Uuid,
  name: Type.String(),
  login: Type.String(),
  active: Type.Boolean(),
  balanceMinor: Minor,
  openingMinor: Minor,
  creditsMinor: Minor,
  debitsMinor: Minor,
  earnedTodayMinor: Minor,
  currency: Currency,
});

const untouched = { openingMinor: 0, creditsMinor: 0, debitsMinor: 0, balanceMinor: 0, earnedTodayMinor: 0 };

export function accountQueries(settings: Settings): Route[] {
  const show = async (sql: Sql, row: AccountRow) => ({ ...row, currency: (await settingsNow(sql, settings)).currency });
  return [
    query({
      operationId: "getMyAccount",
      method: "GET",
      path: "/my/account",
      policy: "account.own",
      summary: "My balance, and what I earned today.",
      response: Account,
      handle: async ({ sql, actor }) => {
        const { userId, name, login } = actor;
        return await show(sql, (await findAccount(sql, userId)) ?? { userId, name, login, active: true, ...untouched });
      },
    }),
    query({
      operationId: "getAccount",
      method: "GET",
      path: "/accounts/:userId",
      policy: "account.own",
      summary: "The account of a popug: one's own, or anybody's for accountants and admins.",
      params: Type.Object({ userId: Uuid }),
      response: Account,
      handle: async ({ sql, actor }, { params: { userId } }) => {
        assertMaySee(actor, userId);
        const account = await findAccount(sql, userId);
        if (account !== undefined) return await show(sql, account);
        const person = await findPerson(sql, userId);
        if (person === undefined) throw new Refusal("not-found", "account-not-found", "There is no such account.");
        return await show(sql, { userId, name: person.name, login: person.login, active: person.active, ...untouched });
      },
    }),
    query({
      operationId: "listAccounts",
      method: "GET",
      path: "/accounts",
      policy: "accounts.all",
      summary: "All accounts, by name.",
      query: Type.Object(pageParameters),
      response: Page(Account),
      handle: async ({ sql }, { query: { limit = 50, cursor } }) => {
        const after = readCursor(cursor);
        const rows = await listAccountRows(
          sql,
          after === undefined ? null : { name: String(after[0]), userId: String(after[1]) },
          limit + 1,
        );
        const { currency } = await settingsNow(sql, settings);
        return page(
          rows,
          limit,
          (row) => [row.name, row.userId],
          (row) => ({ ...row, currency }),
        );
      },
    }),
  ];
}
