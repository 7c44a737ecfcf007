/** What the company has set: prices, business day, currency. Changes count from the next day on; all of them are kept. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { PageFrame } from "../../app/page-frame.tsx";
import { periodsQuery } from "../../data/books.ts";
import { type CompanySettings, settingsQuery, type SettingsVersion } from "../../data/company-settings.ts";
import { formatInstant } from "../../format/dates.ts";
import { formatAge, formatDay } from "../../format/days.ts";
import { textOf } from "../../i18n/text.ts";
import { businessNow } from "../../live/stream.ts";
import { Person } from "../../ui/avatar.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Card, Chip, Table } from "../../ui/parts.tsx";
import { ErrorState, LoadingRows } from "../../ui/states.tsx";
import styles from "./company-settings.module.css";
import { SettingsForm } from "./form.tsx";
import { changedSettings, settingNames, settingText } from "./settings-diff.ts";

export function CompanySettingsPage() {
  const t = textOf("company-settings");
  const { data, error, refetch } = useQuery(settingsQuery);
  return (
    <PageFrame area="team" title={t("title")}>
      {data === undefined ? (
        error === null ? (
          <LoadingRows />
        ) : (
          <ErrorState error={error} retry={() => void refetch()} />
        )
      ) : (
        <>
          <div className={styles.columns}>
            {/* What somebody else has set in the meantime is not overwritten by what was typed over the old state. */}
            <SettingsForm key={JSON.stringify(data.next)} next={data.next} />
            <Now now={data.now} next={data.next} />
          </div>
          <History open={data.period} now={data.now} versions={data.items} />
        </>
      )}
    </PageFrame>
  );
}

/** Today's settings, and beside each that will change what it will be. */
function Now({ now, next }: { now: CompanySettings; next: CompanySettings }) {
  const t = textOf("company-settings");
  const changes = changedSettings(now, next);
  return (
    <section className={styles.now} aria-label={t("now")}>
      <h2>{t("now")}</h2>
      <dl>
        {settingNames.map((name) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd className="num">
              {settingText(now, name)}
              {changes.includes(name) && <Chip tone="warn">{t("next", { value: settingText(next, name) })}</Chip>}
            </dd>
          </div>
        ))}
      </dl>
      <p className={ui.hint}>{t(changes.length === 0 ? "noChange" : "changeWaits")}</p>
    </section>
  );
}

/** Every change, the newest first, with the day from which it counts. */
function History({
  open,
  now,
  versions,
}: {
  open: number;
  now: CompanySettings;
  versions: readonly SettingsVersion[];
}) {
  const t = textOf("company-settings");
  const { data: periods } = useQuery(periodsQuery(100));
  /** What it changed; what the company began with is known while it counts. */
  const before = (at: number) => versions[at + 1] ?? ((versions[at]?.effectivePeriod ?? 0) > open ? now : undefined);
  const from = (number: number) => {
    if (number > open) return t("nextDay");
    const day = periods?.items.find((one) => one.number === number)?.businessDate;
    return (
      <Link to="/billing-days/$period" params={{ period: String(number) }}>
        {day === undefined ? t("dayNumber", { number: String(number) }) : formatDay(day)}
      </Link>
    );
  };
  return (
    <Card title={t("history")}>
      {versions.length === 0 ? (
        <p className={styles.none}>{t("noHistory")}</p>
      ) : (
        <Table label={t("history")}>
          <thead>
            <tr>
              <th>{t("what")}</th>
              <th>{t("countsFrom")}</th>
              <th className={ui.wideOnly}>{t("who")}</th>
              <th className={ui.right}>{t("when")}</th>
            </tr>
          </thead>
          <tbody>
            {versions.map((version, at) => (
              <tr key={version.changedAt}>
                <td className={classes(ui.fill, styles.what)}>
                  {changedSettings(before(at), version)
                    .map((name) => t("change", { name: t(name), value: settingText(version, name) }))
                    .join(" · ")}
                </td>
                <td>{from(version.effectivePeriod)}</td>
                <td className={ui.wideOnly}>
                  {version.changedBy === null ? (
                    t("nobody")
                  ) : (
                    <Person id={version.changedBy} name={version.changedByName} />
                  )}
                </td>
                <td className={ui.right} data-tip={formatInstant(version.changedAt)}>
                  {formatAge(version.changedAt, businessNow())}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}
