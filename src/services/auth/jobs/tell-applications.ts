/**
 * Tells applications that somebody was signed out (OpenID Connect Back-Channel Logout): after a deactivation, after a
 * session was ended from elsewhere. Five attempts within some minutes; an application that is down for longer finds out
 * at its next refresh.
 */
import { randomUUID } from "node:crypto";
import { importJWK, SignJWT } from "jose";
import type { Job, JobTools } from "../../../platform/service.ts";
import type { RelyingParty, Settings } from "../../../settings.ts";
import { dropNotice, dueNotices, type LogoutNotice, postponeNotice } from "../logout-notice-store.ts";
import { loadSecrets, type Secrets } from "../secrets.ts";
import { issuerOf } from "../token.ts";

const BATCH = 20;
const MAX_ATTEMPTS = 5;
const TIMEOUT_MS = 2_500;
const TOKEN_LIFE_SECONDS = 120;

/** The job, for the applications of these settings. */
export function tellApplications(settings: Settings): Job {
  const applications = new Map(
    settings.relyingParties.flatMap((party) =>
      party.backchannel_logout_uri === undefined ? [] : [[party.client_id, party] as const],
    ),
  );
  return {
    name: "tell-applications",
    everyMs: 5_000,
    run: async ({ sql }: JobTools) => {
      const notices = await dueNotices(sql, BATCH);
      if (notices.length === 0) return 0;
      // Read now: the keys may have been rotated.
      const secrets = await loadSecrets(settings.secretsDir, settings.secretFiles);
      await Promise.all(
        notices.map(async (notice) => {
          const application = applications.get(notice.clientId);
          const over = application === undefined || (await tell(settings, secrets, application, notice));
          if (over || notice.attempts >= MAX_ATTEMPTS) await dropNotice(sql, notice.noticeId);
          else await postponeNotice(sql, notice.noticeId);
        }),
      );
      return notices.length;
    },
  };
}

async function tell(
  settings: Settings,
  { signingKeys: [key] }: Secrets,
  { backchannel_logout_uri: address = "" }: RelyingParty,
  notice: LogoutNotice,
): Promise<boolean> {
  const token = await new SignJWT({
    sid: notice.sid,
    events: { "http://schemas.openid.net/event/backchannel-logout": {} },
  })
    .setProtectedHeader({ alg: "ES256", typ: "logout+jwt", kid: key.kid })
    .setIssuer(issuerOf(settings))
    .setAudience(notice.clientId)
    .setSubject(notice.userId)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${TOKEN_LIFE_SECONDS}s`)
    .sign(await importJWK(key, "ES256"));
  return fetch(address, {
    method: "POST",
    redirect: "error",
    body: new URLSearchParams({ logout_token: token }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).then(
    // What the application does not understand now, it will not understand later.
    (answer) => answer.status < 500,
    () => false,
  );
}
