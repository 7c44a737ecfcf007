/** Applications that people sign in to with their login here, as the settings name them. */
import type { RelyingParty, Settings } from "../../settings.ts";

type Known = Pick<Settings, "relyingParties">;

/** The application of others that this client is; undefined for those of our own, about whom nobody is asked. */
export function askedAbout({ relyingParties }: Known, clientId: unknown): RelyingParty | undefined {
  return relyingParties.find((party) => party.client_id === clientId && party.own !== true);
}

/** What people read; of an application that is not known any more, its id. */
export function nameOf({ relyingParties }: Known, clientId: string): string {
  return relyingParties.find((party) => party.client_id === clientId)?.client_name ?? clientId;
}
