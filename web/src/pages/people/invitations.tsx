import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../../api/client.ts";
import { formatInstant } from "../../format/dates.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import { OneTimeText } from "./invite.tsx";
import { RoleChips } from "./page.tsx";
import styles from "./people.module.css";
import { invitationsQuery } from "./queries.ts";

/** Invitations that nobody has accepted yet; nothing when there are none. */
export function Invitations() {
  const t = textOf("people");
  const queries = useQueryClient();
  const { data } = useQuery(invitationsQuery);
  const revoke = useMutation({
    mutationFn: (invitationId: string) =>
      ask(api.DELETE("/api/invitations/{invitationId}", { params: { path: { invitationId } } })),
    onSuccess: () => {
      showToast({ text: t("revoked") });
      return queries.invalidateQueries({ queryKey: ["users", "invitations"] });
    },
    onError: showError,
  });
  const resend = useMutation({
    mutationFn: (invitationId: string) =>
      ask(api.POST("/api/invitations/{invitationId}/resend", { params: { path: { invitationId } } })),
    onSuccess: (answer) => {
      if (answer.link === null) showToast({ text: t("resent"), note: answer.email });
      return queries.invalidateQueries({ queryKey: ["users", "invitations"] });
    },
    onError: showError,
  });
  const link = resend.data?.link ?? null;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section className={styles.invitations} aria-label={t("pending")}>
      <h2>
        {t("pending")}
        <span>{t("pendingNote", { count: data.items.length })}</span>
      </h2>
      <ul>
        {data.items.map((one) => (
          <li key={one.invitationId}>
            <span>
              {one.name} <span className={styles.quiet}>{one.email || one.login}</span>
            </span>
            <RoleChips roles={one.roles} />
            <span className={styles.quiet}>{t("expires", { time: formatInstant(one.expiresAt) })}</span>
            <Button small look="ghost" disabled={resend.isPending} onClick={() => resend.mutate(one.invitationId)}>
              {t("resend")}
            </Button>
            <Button small look="ghost" disabled={revoke.isPending} onClick={() => revoke.mutate(one.invitationId)}>
              {t("revoke")}
            </Button>
          </li>
        ))}
      </ul>
      {resend.data !== undefined && link !== null && (
        <Dialog title={t("resend")} onClose={() => resend.reset()}>
          <OneTimeText text={link} note={t("linkOnce", { time: formatInstant(resend.data.expiresAt) })} />
        </Dialog>
      )}
    </section>
  );
}
