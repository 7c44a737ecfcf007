/** Where the popugs of a demo are paid: account numbers that are true to their form and belong to nobody. */
import type { Caller } from "../cli/caller.ts";
import { atOnce } from "./at-once.ts";
import { demoPeople } from "./people.ts";

/** The last so many do not say it: their payouts wait, as those of real people do. */
const SILENT = 2;

/** Right by its check digits: a German one, by its number at an invented bank. */
export function inventedIban(number: number): string {
  const account = `00000000${String(number).padStart(10, "0")}`;
  const check = 98n - (BigInt(`${account}131400`) % 97n);
  return `DE${String(check).padStart(2, "0")}${account}`;
}

/** Those who have not said where they are paid say it, as people do: nobody else can. */
export async function sayWhereToPay(workers: readonly Caller[]): Promise<void> {
  const known = demoPeople.slice(0, -SILENT).map(({ login }) => login);
  await atOnce(workers, async (worker) => {
    const number = known.indexOf(worker.user.login) + 1;
    if (number === 0) return;
    const { details } = await worker.get<{ details: unknown }>("/my/pay-details");
    if (details === null) await worker.put("/my/pay-details", { iban: inventedIban(number), holder: holderOf(worker) });
  });
}

/** `gosha.perov` → `Gosha Perov`: banks want Latin letters. */
const holderOf = ({ user }: Caller) =>
  user.login
    .split(".")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(" ");
