/** Ends the session here; the server says where to go. */
export async function signOut(): Promise<void> {
  const response = await fetch("/auth/logout", { method: "POST", headers: { "X-Popug": "1" } }).catch(() => undefined);
  const answer = (await response?.json().catch(() => undefined)) as { redirectTo?: string } | undefined;
  location.assign(answer?.redirectTo ?? response?.headers.get("location") ?? "/");
}
