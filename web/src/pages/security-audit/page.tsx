import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Download, ShieldAlert, ShieldCheck } from "lucide-react";
import { api, ask } from "../../api/client.ts";
import type { operations } from "../../api/schema.gen.ts";
import { PageFrame } from "../../app/page-frame.tsx";
import { saveFile } from "../../format/save-file.ts";
import { dateFormat, formatInstant } from "../../format/dates.ts";
import enTexts from "../../i18n/en/security-audit.ts";
import { textOf } from "../../i18n/text.ts";
import { Actor } from "../../ui/actor.tsx";
import { Button, WideLabel } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Chip, Select, Table } from "../../ui/parts.tsx";
import { code, Toolbar, WithPanel } from "../../ui/side-panel.tsx";
import { More } from "../../ui/more.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showError } from "../../ui/toast.ts";
import { type AuditSearch, securityAuditRoute } from "./route.ts";
import styles from "./security-audit.module.css";
import { TimeHead } from "../../ui/time-head.tsx";

type Kind = NonNullable<NonNullable<operations["listSecurityAudit"]["parameters"]["query"]>["kind"]>;
const kinds = Object.keys(enTexts)
  .filter((key) => key.startsWith("kind."))
  .map((key) => key.slice("kind.".length) as Kind);

/** What a person should look at. */
const grave: readonly Kind[] = ["passkey.cloned", "code.redeemed-twice", "refresh-token.reused", "admin.recovered"];
const notable: readonly Kind[] = ["sign-in.failed", "sign-in.delayed", "user.deactivated", "user.erased"];
const toneOf = (kind: Kind) => (grave.includes(kind) ? "neg" : notable.includes(kind) ? "warn" : undefined);

const timeFormat = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

export function SecurityAuditPage() {
  const t = textOf("security-audit");
  const search = securityAuditRoute.useSearch();
  const navigate = securityAuditRoute.useNavigate();
  const set = (next: AuditSearch) => void navigate({ search: next, replace: true });
  const kind = kinds.find((one) => one === search.kind);
  const query = { limit: 100, ...(kind && { kind }), ...(search.userId && { userId: search.userId }) };
  const entries = useInfiniteQuery({
    queryKey: ["users", "audit", query],
    queryFn: ({ pageParam }) =>
      ask(api.GET("/api/security-audit", { params: { query: { ...query, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor,
  });
  const verdict = useQuery({
    queryKey: ["users", "audit-verdict"],
    queryFn: () => ask(api.GET("/api/security-audit/verify")),
  });
  const save = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/security-audit/export", {
          body: { ...(kind && { kind }), ...(search.userId && { userId: search.userId }) },
        }),
      ),
    onSuccess: ({ fileName, csv }) => saveFile(fileName, csv, "text/csv"),
    onError: showError,
  });
  const items = entries.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <PageFrame
      area="team"
      title={t("title")}
      full
      actions={
        <Button look="ghost" disabled={save.isPending} onClick={() => save.mutate()}>
          <Download size={15} aria-hidden="true" />
          <WideLabel>{t("export")}</WideLabel>
        </Button>
      }
    >
      <WithPanel label={t("title")}>
        <Toolbar>
          <Select
            aria-label={t("kind")}
            value={kind ?? ""}
            onChange={(event) => set({ ...search, kind: event.target.value })}
          >
            <option value="">{t("anyKind")}</option>
            {kinds.map((one) => (
              <option key={one} value={one}>
                {t(`kind.${one}`)}
              </option>
            ))}
          </Select>
          {(search.kind ?? search.userId) !== undefined && (
            <Button small look="ghost" onClick={() => set({})}>
              {t("clear")}
            </Button>
          )}
          {verdict.isPending && <Chip>{"\u00a0".repeat(28)}</Chip>}
          {verdict.data && (
            <Chip tone={verdict.data.ok ? "pos" : "neg"} title={verdict.data.head ?? undefined}>
              {verdict.data.ok ? <ShieldCheck size={13} /> : <ShieldAlert size={13} />}
              {verdict.data.ok
                ? t("intact", { count: verdict.data.entries })
                : t("broken", { entry: verdict.data.firstBroken ?? 0 })}
            </Chip>
          )}
          <span className={ui.wideOnly}>{t("about")}</span>
        </Toolbar>
        {entries.isPending ? (
          <LoadingRows />
        ) : entries.isError ? (
          <ErrorState error={entries.error} retry={() => void entries.refetch()} />
        ) : items.length === 0 ? (
          <EmptyState title={t("none")} action={<Button onClick={() => set({})}>{t("clear")}</Button>} />
        ) : (
          <>
            <Table label={t("title")}>
              <thead>
                <tr>
                  <th>
                    <TimeHead>{t("column.time")}</TimeHead>
                  </th>
                  <th>{t("column.what")}</th>
                  <th className={ui.wideOnly}>{t("column.who")}</th>
                  <th className={ui.wideOnly}>{t("column.whom")}</th>
                  <th className={ui.wideOnly}>{t("column.details")}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.entry}>
                    <td
                      className={classes("num", ui.narrowFill)}
                      title={`${formatInstant(one.at)}\n${one.entry} · ${one.hash}`}
                    >
                      {dateFormat(timeFormat).format(new Date(one.at))}
                      <span className={ui.narrowOnly}>
                        <Actor actor={one.actor} />
                        {one.userId !== null && one.actor !== `user:${one.userId}` && (
                          <>
                            {" → "}
                            <Actor actor={`user:${one.userId}`} />
                          </>
                        )}
                      </span>
                    </td>
                    <td>
                      <Chip tone={toneOf(one.kind)}>{t(`kind.${one.kind}`)}</Chip>
                    </td>
                    <td className={classes(styles.person, ui.wideOnly)}>
                      <Actor actor={one.actor} />
                    </td>
                    <td className={classes(styles.person, ui.wideOnly)}>
                      {one.userId !== null && (
                        <button type="button" onClick={() => set({ ...search, userId: one.userId as string })}>
                          <Actor actor={`user:${one.userId}`} />
                        </button>
                      )}
                    </td>
                    <td className={classes(ui.fill, ui.wideOnly)}>
                      <span className={code}>{detailsOf(one.details)}</span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
            <More of={entries} />
          </>
        )}
      </WithPanel>
    </PageFrame>
  );
}

const detailsOf = (details: Record<string, unknown>) =>
  Object.entries(details)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("  ");
