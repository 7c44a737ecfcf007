/** Removes what has expired: artefacts of the provider, sessions of browsers, attempts to sign in that are a day old. */
import type { Job } from "../../../platform/service.ts";
import { deleteExpiredArtefacts } from "../artefact-store.ts";
import { forgetExpiredLogins } from "../access-ending.ts";
import { forgetOldSources } from "../sign-in-source.ts";
import { forgetOldAttempts } from "../sign-in-store.ts";
import { forgetOldSessions } from "../web-session/session-store.ts";

const BATCH = 1_000;

export const sweep: Job = {
  name: "sweep",
  everyMs: 60_000,
  run: async ({ sql }) =>
    (await deleteExpiredArtefacts(sql, BATCH)) +
    (await forgetOldAttempts(sql, BATCH)) +
    (await forgetOldSources(sql, BATCH)) +
    (await forgetOldSessions(sql, BATCH)) +
    (await forgetExpiredLogins(sql, BATCH)),
};
