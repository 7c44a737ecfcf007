import { forgetViews } from "./last-view.ts";

/** Ends the session here; the server says where to go: to the page of another provider, say. */
export async function signOut(): Promise<void> {
  const response = await fetch("/auth/logout", { method: "POST", headers: { "X-Popug": "1" } }).catch(() => undefined);
  const answer = (await response?.json().catch(() => undefined)) as { redirectTo?: string } | undefined;
  forgetViews();
  location.assign(answer?.redirectTo ?? "/");
}
