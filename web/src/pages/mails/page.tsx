import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { api, ask } from "../../api/client.ts";
import { PageFrame } from "../../app/page-frame.tsx";
import { formatInstant } from "../../format/dates.ts";
import { formatAge } from "../../format/days.ts";
import { textOf } from "../../i18n/text.ts";
import { businessNow } from "../../live/stream.ts";
import { Person } from "../../ui/avatar.tsx";
import { Button, WideLabel } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Chip, Select, Table, Tabs } from "../../ui/parts.tsx";
import { rowButton, Toolbar, WithPanel } from "../../ui/side-panel.tsx";
import { More } from "../../ui/more.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import { MailPanel } from "./panel.tsx";
import { mailKinds, mailsRoute, type MailsSearch } from "./route.ts";

export function MailsPage() {
  const t = textOf("mails");
  const search = mailsRoute.useSearch();
  const navigate = mailsRoute.useNavigate();
  const queries = useQueryClient();
  const { mail, ...filter } = search;
  const set = (next: MailsSearch) => void navigate({ search: next, replace: true });
  const mails = useInfiniteQuery({
    queryKey: ["mails", "list", filter],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/mails", {
          params: { query: { limit: 100, ...filter, ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor,
  });
  const retryAll = useMutation({
    mutationFn: () => ask(api.POST("/api/mails/retry")),
    onSuccess: ({ count }) => {
      showToast({ text: t("retriedAll", { count }) });
      return queries.invalidateQueries({ queryKey: ["mails"] });
    },
    onError: showError,
  });
  const items = mails.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <PageFrame
      area="operations"
      title={t("title")}
      full
      actions={
        <Button disabled={retryAll.isPending} onClick={() => retryAll.mutate()}>
          <RotateCw size={14} aria-hidden="true" />
          <WideLabel>{t("retryAll")}</WideLabel>
        </Button>
      }
    >
      <WithPanel
        label={t("title")}
        panel={mail !== undefined && <MailPanel key={mail} mailId={mail} onClose={() => set(filter)} />}
      >
        <Toolbar>
          <Tabs
            label={t("status")}
            value={search.status ?? "all"}
            options={[
              { value: "all", text: t("all") },
              { value: "queued", text: t("status.queued") },
              { value: "sent", text: t("status.sent") },
              { value: "failed", text: t("status.failed") },
              { value: "withheld", text: t("status.withheld") },
            ]}
            onChange={(status) => {
              const { status: _, ...rest } = filter;
              set(status === "all" ? rest : { ...rest, status });
            }}
          />
          <Select
            aria-label={t("kind")}
            value={search.kind ?? ""}
            onChange={(event) => {
              const { kind: _, ...rest } = filter;
              const kind = mailKinds.find((one) => one === event.target.value);
              set(kind === undefined ? rest : { ...rest, kind });
            }}
          >
            <option value="">{t("anyKind")}</option>
            {mailKinds.map((kind) => (
              <option key={kind} value={kind}>
                {t(`kind.${kind}`)}
              </option>
            ))}
          </Select>
        </Toolbar>
        {mails.isPending ? (
          <LoadingRows />
        ) : mails.isError ? (
          <ErrorState error={mails.error} retry={() => void mails.refetch()} />
        ) : items.length === 0 ? (
          <EmptyState title={t("none")} action={<Button onClick={() => set({})}>{t("clear")}</Button>}>
            {t("noneAbout")}
          </EmptyState>
        ) : (
          <>
            <Table label={t("title")}>
              <thead>
                <tr>
                  <th>{t("column.to")}</th>
                  <th className={ui.wideOnly}>{t("column.subject")}</th>
                  <th>{t("column.status")}</th>
                  <th className={classes(ui.right, ui.wideOnly)}>{t("column.attempts")}</th>
                  <th className={classes(ui.right, ui.wideOnly)}>{t("column.created")}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.mailId}>
                    <td className={ui.narrowFill}>
                      <button
                        type="button"
                        className={rowButton}
                        aria-current={one.mailId === mail ? "true" : undefined}
                        onClick={() => set({ ...filter, mail: one.mailId })}
                      >
                        <Person id={one.userId} name={one.name} />
                      </button>
                      <small className={ui.narrowOnly}>{one.subject ?? t(`kind.${one.kind}`)}</small>
                    </td>
                    <td className={classes(ui.fill, ui.wideOnly)}>{one.subject ?? t(`kind.${one.kind}`)}</td>
                    <td>
                      <MailStatus status={one.status} />
                    </td>
                    <td className={classes(ui.right, ui.wideOnly)}>{one.attempts}</td>
                    <td className={classes(ui.right, ui.wideOnly)} data-tip={formatInstant(one.createdAt)}>
                      {formatAge(one.createdAt, businessNow())}
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
            <More of={mails} />
          </>
        )}
      </WithPanel>
    </PageFrame>
  );
}

const tones = { queued: undefined, sending: "accent", sent: "pos", failed: "neg", withheld: undefined } as const;

export const MailStatus = ({ status }: { status: keyof typeof tones }) => (
  <Chip tone={tones[status]}>{textOf("mails")(`status.${status}`)}</Chip>
);
