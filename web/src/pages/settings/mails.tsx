import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../../api/client.ts";
import type { operations } from "../../api/schema.gen.ts";
import { textOf } from "../../i18n/text.ts";
import { showError } from "../../ui/toast.ts";
import { mailChoicesQuery } from "./queries.ts";
import { Line, Lines, Section } from "./section.tsx";

type Choice = operations["listMyMailChoices"]["responses"]["200"]["content"]["application/json"]["items"][number];

/** Which mails are sent to me; what they say can be read in the app all the same. */
export function Mails() {
  const t = textOf("settings");
  const queries = useQueryClient();
  const choices = useQuery(mailChoicesQuery);
  const choose = useMutation({
    // One after the other, so that the last answer is the newest.
    scope: { id: "mail-choices" },
    mutationFn: ({ kind, wanted }: Choice) => ask(api.PATCH("/api/my/mail-choices", { body: { [kind]: wanted } })),
    onSuccess: (now) => queries.setQueryData(mailChoicesQuery.queryKey, now),
    onError: showError,
  });
  const shown = ({ kind, wanted }: Choice) =>
    choose.isPending && choose.variables.kind === kind ? choose.variables.wanted : wanted;
  return (
    <Section title={t("mails")} about={t("mailsAbout")}>
      <Lines query={choices} empty="">
        {choices.data?.items.map((choice) => (
          <Line
            key={choice.kind}
            title={<label htmlFor={`mail-${choice.kind}`}>{t(`mail.${choice.kind}`)}</label>}
            note={t(`mailAbout.${choice.kind}`)}
          >
            <input
              type="checkbox"
              id={`mail-${choice.kind}`}
              checked={shown(choice)}
              onChange={(event) => choose.mutate({ kind: choice.kind, wanted: event.target.checked })}
            />
          </Line>
        ))}
      </Lines>
    </Section>
  );
}
