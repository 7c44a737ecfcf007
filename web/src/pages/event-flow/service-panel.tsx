import { Link } from "@tanstack/react-router";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { ui } from "../../ui/classes.ts";
import { Chip } from "../../ui/parts.tsx";
import { code, Facts, PanelPart, SidePanel } from "../../ui/side-panel.tsx";
import styles from "./flow.module.css";
import { serviceName } from "./service-card.tsx";
import type { Flow, FlowService } from "./shape.ts";
import { formatLag, formatRate } from "./units.ts";

/** One service: what it says and how fast, whom it hears and how far behind. */
export function ServicePanel({
  service,
  flow,
  onType,
  onClose,
}: {
  service: FlowService;
  flow: Flow;
  onType: (source: string, type: string) => void;
  onClose: () => void;
}) {
  const t = textOf("event-flow");
  const says = flow.rates.filter((rate) => rate.source === service.name);
  const hears = flow.consumers.filter((consumer) => consumer.service === service.name);
  return (
    <SidePanel title={serviceName(service.name)} onClose={onClose}>
      <Facts
        facts={[
          [t("lag"), formatLag(service.lagSeconds, service.behind)],
          [t("outbox"), formatLag(service.outboxSeconds, service.outbox)],
          [
            t("deadLetters"),
            <Link key="letters" to="/dead-letters">
              {formatCount(service.deadLetters)}
            </Link>,
          ],
        ]}
      />
      <PanelPart title={t("hears")}>
        {hears.length === 0 && <p className={ui.hint}>{t("hearsNothing")}</p>}
        <ul className={styles.lines}>
          {hears.map((one) => (
            <li key={`${one.source} ${one.consumer}`}>
              <span>
                <span className={code}>{one.consumer}</span>
                {one.halted !== null && <Chip tone="neg">{t("halted")}</Chip>}
                <small>{one.types.join(", ")}</small>
                {one.halted !== null && <small className={ui.wrong}>{one.halted}</small>}
              </span>
              <span className="num">{formatLag(one.lagSeconds, one.behind)}</span>
            </li>
          ))}
        </ul>
      </PanelPart>
      <PanelPart title={t("says")}>
        {says.length === 0 && <p className={ui.hint}>{t("saysNothing", { count: flow.windowSeconds })}</p>}
        <ul className={styles.lines}>
          {says.map((one) => (
            <li key={one.type}>
              <button type="button" className={code} onClick={() => onType(one.source, one.type)}>
                {one.type}
              </button>
              <span className="num">{formatRate(one.perSecond)}</span>
            </li>
          ))}
        </ul>
      </PanelPart>
    </SidePanel>
  );
}
