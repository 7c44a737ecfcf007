import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { lazy, Suspense, useState, useSyncExternalStore } from "react";
import { PageFrame } from "../../app/page-frame.tsx";
import { formatCount, formatTenths } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { useShortcuts } from "../../keys/keyboard.ts";
import { Button, WideLabel } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { WithPanel } from "../../ui/side-panel.tsx";
import { ErrorState, LoadingRows } from "../../ui/states.tsx";
import { LatestEvents } from "./events.tsx";
import styles from "./flow.module.css";
import { flowQuery, useFlowRefresh } from "./queries.ts";
import { eventFlowRoute, type FlowSearch } from "./route.ts";
import { ServiceCard } from "./service-card.tsx";
import { ServicePanel } from "./service-panel.tsx";
import type { Flow } from "./shape.ts";

const Picture = lazy(() => import("./picture.tsx"));
const wide = matchMedia("(min-width: 861px)");
const useWide = () =>
  useSyncExternalStore(
    (watch) => {
      wide.addEventListener("change", watch);
      return () => wide.removeEventListener("change", watch);
    },
    () => wide.matches,
  );

export function EventFlowPage() {
  const t = textOf("event-flow");
  const search = eventFlowRoute.useSearch();
  const navigate = eventFlowRoute.useNavigate();
  const [paused, setPaused] = useState(false);
  useFlowRefresh(paused);
  const flow = useQuery({ ...flowQuery, placeholderData: keepPreviousData, ...(paused && { refetchInterval: false }) });
  useShortcuts([{ keys: "Space", label: t("pause"), run: () => setPaused((now) => !now) }]);
  const set = (next: FlowSearch) => void navigate({ search: next, replace: true });
  const focusOn = (service: string | undefined) => {
    const { service: _, ...rest } = search;
    set(service === undefined ? rest : { ...rest, service });
  };
  const total = flow.data?.rates.reduce((sum, rate) => sum + rate.perSecond, 0) ?? 0;
  const focused = flow.data?.services.find((one) => one.name === search.service);
  return (
    <PageFrame
      area="operations"
      title={t("title")}
      full
      actions={
        <>
          {flow.data && (
            <span className={`${styles.total} num ${ui.wideOnly}`}>
              {t("total", { rate: total < 10 ? formatTenths(total) : formatCount(total) })}
            </span>
          )}
          <Button aria-pressed={paused} onClick={() => setPaused(!paused)}>
            {paused ? <Play size={14} aria-hidden="true" /> : <Pause size={14} aria-hidden="true" />}
            <WideLabel>{paused ? t("resume") : t("pause")}</WideLabel>
          </Button>
        </>
      }
    >
      <WithPanel
        label={t("title")}
        panel={
          focused !== undefined &&
          flow.data && (
            <ServicePanel
              key={focused.name}
              service={focused}
              flow={flow.data}
              onType={(source, type) => set({ ...search, source, type })}
              onClose={() => focusOn(undefined)}
            />
          )
        }
      >
        {flow.isPending ? (
          <LoadingRows />
        ) : flow.isError ? (
          <ErrorState error={flow.error} retry={() => void flow.refetch()} />
        ) : (
          <>
            <Services flow={flow.data} focus={search.service} onFocus={focusOn} />
            <LatestEvents flow={flow.data} search={search} paused={paused} onSearch={set} />
          </>
        )}
      </WithPanel>
    </PageFrame>
  );
}

/** The picture; where it would be too small to read, the same as a list. */
function Services({
  flow,
  focus,
  onFocus,
}: {
  flow: Flow;
  focus: string | undefined;
  onFocus: (service: string | undefined) => void;
}) {
  if (useWide()) {
    return (
      <Suspense fallback={<div className={styles.picture} />}>
        <Picture flow={flow} focus={focus} onFocus={onFocus} />
      </Suspense>
    );
  }
  return (
    <div className={styles.cards}>
      {flow.services.map((service) => (
        <button key={service.name} type="button" onClick={() => onFocus(service.name)}>
          <ServiceCard service={service} />
        </button>
      ))}
    </div>
  );
}
