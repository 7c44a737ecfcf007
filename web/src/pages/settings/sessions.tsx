import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, signIn } from "../../api/client.ts";
import { Problem } from "../../api/problem.ts";
import { formatInstant } from "../../format/dates.ts";
import { formatAge } from "../../format/days.ts";
import { deviceText } from "../../format/device.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/parts.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import { sessionsQuery } from "./queries.ts";
import { Line, Lines, Section } from "./section.tsx";

/** Browsers in which I am signed in. */
export function Sessions() {
  const t = textOf("settings");
  const queries = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (sessionId: string) =>
      ask(api.DELETE("/api/my/sessions/{sessionId}", { params: { path: { sessionId } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
    onError: (error) => {
      if (!(error instanceof Problem && error.code === "sign-in-again")) return showError(error);
      showToast({ text: t("signInAgain"), action: { text: t("signIn"), run: () => signIn(true) } });
    },
  });
  return (
    <Section title={t("sessions")} about={t("sessionsAbout")}>
      <Lines query={sessions} empty={t("noSessions")}>
        {sessions.data?.items.map((one) => (
          <Line
            key={one.sessionId}
            title={<span title={one.device}>{deviceText(one.device)}</span>}
            note={
              <span data-tip={formatInstant(one.lastSeenAt)}>
                {t("lastSeen", { time: formatAge(one.lastSeenAt, Date.now()) })}
              </span>
            }
          >
            {one.current ? (
              <Chip tone="accent">{t("thisOne")}</Chip>
            ) : (
              <Button small disabled={end.isPending} onClick={() => end.mutate(one.sessionId)}>
                {t("end")}
              </Button>
            )}
          </Line>
        ))}
      </Lines>
    </Section>
  );
}
