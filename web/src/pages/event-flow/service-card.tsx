import { Activity, Bell, ChartNoAxesCombined, KeyRound, ListChecks, type LucideIcon, Wallet } from "lucide-react";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { classes } from "../../ui/classes.ts";
import styles from "./flow.module.css";
import { type FlowService, healthOf } from "./shape.ts";
import { formatLag } from "./units.ts";

const icons: Record<string, LucideIcon> = {
  auth: KeyRound,
  tasks: ListChecks,
  accounting: Wallet,
  analytics: ChartNoAxesCombined,
  notifications: Bell,
};

/** A service's name in the reader's language; one that has no name here keeps its own. */
export function serviceName(name: string): string {
  const t = textOf("event-flow");
  switch (name) {
    case "auth":
    case "tasks":
    case "accounting":
    case "analytics":
    case "notifications":
      return t(`service.${name}`);
    default:
      return name;
  }
}

export function ServiceCard({
  service,
  dim = false,
  focus = false,
}: {
  service: FlowService;
  dim?: boolean;
  focus?: boolean;
}) {
  const t = textOf("event-flow");
  const Icon = icons[service.name] ?? Activity;
  const health = healthOf(service);
  return (
    <div className={classes(styles.service, dim && styles.dim)} data-health={health} data-focus={focus || undefined}>
      <header>
        <span className={styles.icon}>
          <Icon size={15} strokeWidth={2} aria-hidden="true" />
        </span>
        {serviceName(service.name)}
        <i className={styles.dot} role="img" aria-label={t(`health.${health}`)} />
      </header>
      <dl>
        <dt>{t("lag")}</dt>
        <dd className="num">{formatLag(service.lagSeconds, service.behind)}</dd>
        <dt>{t("outbox")}</dt>
        <dd className="num">{formatLag(service.outboxSeconds, service.outbox)}</dd>
        {service.deadLetters > 0 && (
          <>
            <dt>{t("deadLetters")}</dt>
            <dd className={classes("num", styles.alert)}>{formatCount(service.deadLetters)}</dd>
          </>
        )}
      </dl>
    </div>
  );
}
