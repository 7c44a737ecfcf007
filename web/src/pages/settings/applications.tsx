import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../../api/client.ts";
import { formatDay } from "../../format/days.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { showError } from "../../ui/toast.ts";
import { applicationsQuery } from "./queries.ts";
import { Line, Lines, Section } from "./section.tsx";

/** Applications of others that I have let in. Most companies have none, and then nothing is shown. */
export function Applications() {
  const t = textOf("settings");
  const queries = useQueryClient();
  const known = useQuery(applicationsQuery);
  const revoke = useMutation({
    mutationFn: (clientId: string) =>
      ask(api.DELETE("/api/my/applications/{clientId}", { params: { path: { clientId } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: applicationsQuery.queryKey }),
    onError: showError,
  });
  if (known.data === undefined || known.data.items.length === 0) return null;
  return (
    <Section title={t("applications")} about={t("applicationsAbout")}>
      <Lines query={known} empty="">
        {known.data.items.map((one) => (
          <Line
            key={one.clientId}
            title={one.name}
            note={
              <>
                {one.rights.map((right) => t(`right.${right}`)).join(", ")} ·{" "}
                {t("since", { day: formatDay(one.givenAt.slice(0, 10)) })}
              </>
            }
          >
            <Button small look="danger" disabled={revoke.isPending} onClick={() => revoke.mutate(one.clientId)}>
              {t("endApplication")}
            </Button>
          </Line>
        ))}
      </Lines>
    </Section>
  );
}
