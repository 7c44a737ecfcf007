import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../../api/client.ts";
import { formatInstant } from "../../format/dates.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { showError, showToast } from "../../ui/toast.tsx";
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
            <Button small look="ghost" disabled={revoke.isPending} onClick={() => revoke.mutate(one.invitationId)}>
              {t("revoke")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
