/** What an installation without anybody needs: its first admin, by settings or by a link. */
import { Refusal } from "../platform/refusal.ts";
import { StartRefused } from "../platform/start-refused.ts";
import { firstAdmin } from "../services/auth/first-admin.ts";
import { makeSetupLink } from "../services/auth/setup.ts";
import { hasNobody } from "../services/auth/user-store.ts";
import type { App } from "./start.ts";

/**
 * While nobody is there, makes the admin that the settings name, or else a link for one.
 * @returns lines of the start message
 * @throws StartRefused when the settings' password is not good enough
 */
export async function firstRun(app: App): Promise<string[]> {
  const auth = app.services.get("auth");
  if (auth === undefined || !(await hasNobody(auth.sql))) return [];
  const wanted = app.config.firstAdmin;
  if (wanted === null) {
    if (app.config.settings.otherProvider?.instead === true) return [];
    const token = await makeSetupLink(auth.tools);
    return token === undefined
      ? []
      : ["Nobody is there yet. Within 30 minutes, become the admin:", `${app.url}/setup#${token}`];
  }
  try {
    const { login } = await firstAdmin(auth.tools, wanted);
    return [`${login} is the first admin.`];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Another process was faster.
    if (error.code === "not-empty") return [];
    const why = error.fields.map((field) => field.message).join(" ");
    throw new StartRefused(`The first admin cannot be made: ${error.message} ${why}`.trim(), { cause: error });
  }
}
