import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, ask } from "../../api/client.ts";
import type { operations } from "../../api/schema.gen.ts";
import { PageFrame } from "../../app/page-frame.tsx";
import { useMay } from "../../data/people.ts";
import { formatInstant } from "../../format/dates.ts";
import { formatAge } from "../../format/days.ts";
import { textOf } from "../../i18n/text.ts";
import { useShortcuts } from "../../keys/keyboard.ts";
import { businessNow } from "../../live/stream.ts";
import { classes, ui } from "../../ui/classes.ts";
import { Chip, SearchInput, Table, Tabs } from "../../ui/parts.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { code, Facts, Json } from "../../ui/side-panel.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { flowEventsQuery, flowQuery, useFlowRefresh } from "../event-flow/queries.ts";
import { serviceName } from "../event-flow/service-card.tsx";
import { formatRate } from "../event-flow/units.ts";
import styles from "./catalogue.module.css";
import { changesBetween, depthOf, leafOf } from "./fields.ts";
import { type CatalogueSearch, eventCatalogueRoute } from "./route.ts";

export type CatalogueEvent =
  operations["getEventCatalogue"]["responses"][200]["content"]["application/json"]["events"][number];

export function EventCataloguePage() {
  const t = textOf("event-catalogue");
  const search = eventCatalogueRoute.useSearch();
  const navigate = eventCatalogueRoute.useNavigate();
  const set = (next: CatalogueSearch) => void navigate({ search: next, replace: true });
  const catalogue = useQuery({
    queryKey: ["catalogue"],
    queryFn: () => ask(api.GET("/api/catalogue")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  useShortcuts([{ keys: "Slash", label: t("find"), run: () => document.getElementById("event-search")?.focus() }]);
  const found = catalogue.data?.events.filter((one) => one.type.includes(search.q?.trim().toLowerCase() ?? "")) ?? [];
  const type = search.event ?? found[0]?.type;
  const versions = catalogue.data?.events.filter((one) => one.type === type) ?? [];
  return (
    <PageFrame area="operations" title={t("title")} full>
      {catalogue.isPending ? (
        <LoadingRows />
      ) : catalogue.isError ? (
        <ErrorState error={catalogue.error} retry={() => void catalogue.refetch()} />
      ) : (
        <div className={styles.body}>
          <nav className={styles.list} aria-label={t("events")}>
            <SearchInput
              id="event-search"
              aria-label={t("find")}
              placeholder={t("find")}
              value={search.q ?? ""}
              onChange={(event) => set({ ...search, q: event.target.value })}
            />
            {[...new Set(found.map((one) => one.source))].map((source) => (
              <section key={source}>
                <h2>{serviceName(source)}</h2>
                {[...new Set(found.filter((one) => one.source === source).map((one) => one.type))].map((one) => (
                  <Link
                    key={one}
                    to="/event-catalogue"
                    search={{ ...(search.q && { q: search.q }), event: one }}
                    aria-current={one === type ? "true" : undefined}
                    className={code}
                  >
                    {one}
                  </Link>
                ))}
              </section>
            ))}
          </nav>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
          <div className={styles.details} role="region" aria-label={type ?? t("events")} tabIndex={0}>
            {versions.length === 0 ? (
              <EmptyState title={t("none")}>{t("noneAbout")}</EmptyState>
            ) : (
              <Details
                versions={versions}
                shown={versions.find((one) => one.version === search.version) ?? (versions.at(-1) as CatalogueEvent)}
                onVersion={(version) => set({ ...search, event: versions[0]?.type ?? "", version })}
              />
            )}
          </div>
        </div>
      )}
    </PageFrame>
  );
}

/** How often it is said, and the newest one as an example: for those who may look into the log. */
function Latest({ event }: { event: CatalogueEvent }) {
  const t = textOf("event-catalogue");
  const { source, type } = event;
  useFlowRefresh(false);
  const flow = useQuery(flowQuery);
  const newest = useQuery(flowEventsQuery({ source, type }, 1));
  const rate = flow.data?.rates.find((one) => one.source === source && one.type === type)?.perSecond ?? 0;
  const [last] = newest.data?.items ?? [];
  return (
    <section aria-label={t("latest")}>
      <h3>{t("latest")}</h3>
      {newest.isError ? (
        <ErrorState error={newest.error} retry={() => void newest.refetch()} />
      ) : newest.isPending ? (
        <Skeleton width="60%" />
      ) : (
        <>
          <Facts
            facts={[
              [
                t("rate"),
                <span key="r" className="num">
                  {formatRate(rate)}
                </span>,
              ],
              [
                t("lastSeen"),
                last === undefined ? (
                  t("never")
                ) : (
                  <span key="s" data-tip={formatInstant(last.time)}>
                    {formatAge(last.time, businessNow())}
                  </span>
                ),
              ],
              [
                t("log"),
                <Link key="l" to="/event-flow" search={{ source, type }}>
                  {t("viewLatest")}
                </Link>,
              ],
            ]}
          />
          {last !== undefined && <Json label={t("example")} value={last.data} />}
        </>
      )}
    </section>
  );
}

function Details({
  versions,
  shown,
  onVersion,
}: {
  versions: readonly CatalogueEvent[];
  shown: CatalogueEvent;
  onVersion: (version: number) => void;
}) {
  const t = textOf("event-catalogue");
  const seesFlow = useMay("admin");
  const before = versions.findLast((one) => one.version < shown.version);
  const changes = before && changesBetween(before, shown);
  return (
    <>
      <header className={styles.head}>
        <h2 className={code}>{shown.type}</h2>
        <Chip>
          {t(`kind.${shown.kind === "barrier" ? "barrier" : shown.kind === "business" ? "business" : "data"}`)}
        </Chip>
        {!shown.written && <Chip tone="warn">{t("readOnly")}</Chip>}
        {versions.length > 1 && (
          <Tabs
            label={t("versions")}
            value={String(shown.version)}
            options={versions.map(({ version }) => ({ value: String(version), text: `v${version}` }))}
            onChange={(version) => onVersion(Number(version))}
          />
        )}
      </header>
      <p>{shown.summary}</p>
      <div className={styles.facts}>
        <Facts
          facts={[
            [t("producer"), serviceName(shown.source)],
            [t("version"), `v${shown.version}`],
            [
              t("key"),
              shown.key === null ? (
                t("noKey")
              ) : (
                <span key="k" className={code}>
                  {shown.key}
                </span>
              ),
            ],
          ]}
        />
      </div>
      {changes && before && (
        <section className={styles.changes} aria-label={t("changes", { version: before.version })}>
          <h3>
            {t("changes", { version: before.version })}{" "}
            {changes.removed.length + changes.changed.length === 0 ? (
              <Chip tone="pos">{t("compatible")}</Chip>
            ) : (
              <Chip tone="warn">{t("converted", { version: before.version })}</Chip>
            )}
          </h3>
          <ul>
            {changes.added.map((name) => (
              <li key={name}>
                <Chip tone="pos">+</Chip> <span className={code}>{name}</span>
              </li>
            ))}
            {changes.removed.map((name) => (
              <li key={name}>
                <Chip tone="neg">−</Chip> <span className={code}>{name}</span>
              </li>
            ))}
            {changes.changed.map((name) => (
              <li key={name}>
                <Chip tone="warn">≠</Chip> <span className={code}>{name}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <h3>{t("fields")}</h3>
      <Table label={t("fields")}>
        <thead>
          <tr>
            <th>{t("column.field")}</th>
            <th>{t("column.holds")}</th>
            <th className={ui.right}>{t("column.required")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.fields.map((field) => (
            <tr key={field.name}>
              <td>
                <span className={code} style={{ paddingLeft: depthOf(field.name) * 20 }} title={field.name}>
                  {leafOf(field.name)}
                </span>
              </td>
              <td className={styles.holds}>{field.holds.replaceAll("`", "")}</td>
              <td className={ui.right}>{field.required ? t("required") : t("optional")}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      <h3>{t("consumers")}</h3>
      {shown.consumers.length === 0 ? (
        <p className={ui.hint}>{t("nobody")}</p>
      ) : (
        <ul className={styles.consumers}>
          {shown.consumers.map((one) => (
            <li key={`${one.service} ${one.consumer}`}>
              <b>{serviceName(one.service)}</b>
              <span className={code}>{one.consumer}</span>
              <span className={classes(styles.quiet, code)} translate="no">
                {one.command}
              </span>
            </li>
          ))}
        </ul>
      )}
      {/* Last, for it comes last: nothing is below that it could move. */}
      {seesFlow && <Latest key={shown.type} event={shown} />}
    </>
  );
}
