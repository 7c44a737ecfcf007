import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, ask } from "../../api/client.ts";
import { useMay, useMe } from "../../data/people.ts";
import { formatInstant } from "../../format/dates.ts";
import { textOf } from "../../i18n/text.ts";
import { Person } from "../../ui/avatar.tsx";
import { Money } from "../../ui/money.tsx";
import { Table } from "../../ui/parts.tsx";
import { rowButton } from "../../ui/side-panel.tsx";
import { EmptyState, ErrorState, LoadingRows, NoRights } from "../../ui/states.tsx";
import { ui } from "../../ui/classes.ts";
import styles from "./explain.module.css";
import { ExplainFrame } from "./frame.tsx";
import { explainRoute } from "./route.ts";
import { TaskView } from "./task.tsx";
import { TraceView } from "./trace.tsx";

export function ExplainPage() {
  const { task, trace } = explainRoute.useSearch();
  const isAdmin = useMay("admin");
  return (
    <ExplainFrame key={task ?? trace ?? ""} asked={task ?? trace ?? ""}>
      {task !== undefined ? (
        <TaskView taskId={task} />
      ) : trace === undefined ? (
        <Newest />
      ) : isAdmin ? (
        <TraceView id={trace} />
      ) : (
        <NoRights />
      )}
    </ExplainFrame>
  );
}

/** Where nothing is asked for: the newest lines of the books that the reader may see, each a way in. */
function Newest() {
  const t = textOf("explain");
  const me = useMe();
  const seesAll = useMay("accounts");
  const query = { limit: 15, ...(!seesAll && { userId: me.userId }) };
  const entries = useQuery({
    queryKey: ["entries", "newest", query],
    queryFn: () => ask(api.GET("/api/entries", { params: { query } })),
  });
  if (entries.isPending) return <LoadingRows />;
  if (entries.isError) return <ErrorState error={entries.error} retry={() => void entries.refetch()} />;
  if (entries.data.items.length === 0) return <EmptyState title={t("noEntries")}>{t("noEntriesAbout")}</EmptyState>;
  return (
    <section className={styles.newest}>
      <h2>{t("newest")}</h2>
      <p className={ui.hint}>{t("about")}</p>
      <Table label={t("newest")}>
        <thead>
          <tr>
            <th>{t("column.entry")}</th>
            <th className={ui.wideOnly}>{t("popug")}</th>
            <th className={ui.wideOnly}>{t("when")}</th>
            <th className={ui.right}>{t("column.amount")}</th>
          </tr>
        </thead>
        <tbody>
          {entries.data.items.map((entry) => (
            <tr key={entry.entryId}>
              <td className={ui.fill}>
                <Link to="/explain/$entryId" params={{ entryId: entry.entryId }} className={rowButton}>
                  {entry.title ?? t(`kind.${entry.kind}`)}
                  <small className={ui.narrowOnly}>{entry.userName}</small>
                </Link>
              </td>
              <td className={ui.wideOnly}>
                <Person id={entry.userId} name={entry.userName} />
              </td>
              <td className={ui.wideOnly}>{formatInstant(entry.occurredAt)}</td>
              <td className={ui.right}>
                <Money minor={entry.amountMinor} currency={entry.currency} signed tone="flow" />
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}
