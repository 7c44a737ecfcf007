import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronRight, RotateCw } from "lucide-react";
import { useState } from "react";
import { PageFrame } from "../../app/page-frame.tsx";
import { formatInstant } from "../../format/dates.ts";
import { formatAge } from "../../format/days.ts";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { Button, WideLabel } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Chip, Progress, Tabs } from "../../ui/parts.tsx";
import { code, rowButton, Toolbar, WithPanel } from "../../ui/side-panel.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showToast } from "../../ui/toast.ts";
import { serviceName } from "../event-flow/service-card.tsx";
import styles from "./letters.module.css";
import { LetterPanel } from "./panel.tsx";
import { canBeTried, groupsOf, type Letter, type LetterGroup, lettersQuery, redrive } from "./queries.ts";
import { deadLettersRoute, type LettersSearch } from "./route.ts";

const AT_ONCE = 4;

export function DeadLettersPage() {
  const t = textOf("dead-letters");
  const search = deadLettersRoute.useSearch();
  const navigate = deadLettersRoute.useNavigate();
  const letters = useQuery(lettersQuery(search.status));
  const set = (next: LettersSearch) => void navigate({ search: next, replace: true });
  const status = search.status === undefined ? {} : { status: search.status };
  const selected = letters.data?.find((one) => one.id === search.letter);
  return (
    <PageFrame area="operations" title={t("title")} full>
      <WithPanel
        label={t("title")}
        panel={selected && <LetterPanel key={selected.id} letter={selected} onClose={() => set(status)} />}
      >
        <Toolbar>
          <Tabs
            label={t("status")}
            value={search.status ?? "open"}
            options={[
              { value: "open", text: t("open") },
              { value: "redriven", text: t("redriven") },
              { value: "discarded", text: t("discarded") },
            ]}
            onChange={(value) => set(value === "open" ? {} : { status: value })}
          />
          <span className={classes("num", ui.wideOnly)}>
            {letters.data && t("shown", { count: letters.data.length })}
          </span>
        </Toolbar>
        {letters.isPending ? (
          <LoadingRows />
        ) : letters.isError ? (
          <ErrorState error={letters.error} retry={() => void letters.refetch()} />
        ) : letters.data.length === 0 ? (
          <EmptyState title={search.status === undefined ? t("none") : t("noneLikeThis")}>
            {search.status === undefined && t("noneAbout")}
          </EmptyState>
        ) : (
          <ul>
            {groupsOf(letters.data).map((group) => (
              <Group
                key={group.id}
                group={group}
                selected={search.letter}
                onOpen={(letter) => set({ ...status, letter })}
              />
            ))}
          </ul>
        )}
      </WithPanel>
    </PageFrame>
  );
}

const SHOWN = 20;

function Group({
  group,
  selected,
  onOpen,
}: {
  group: LetterGroup;
  selected: string | undefined;
  onOpen: (id: string) => void;
}) {
  const t = textOf("dead-letters");
  const [open, setOpen] = useState(
    group.letters.some((letter) => letter.id === selected) || group.letters.length === 1,
  );
  const [shown, setShown] = useState(SHOWN);
  const { done, total, retry } = useRetryAll(group.letters.filter(canBeTried));
  const [oldest] = group.letters;
  return (
    <li className={styles.group}>
      <header>
        <button type="button" className={styles.unfold} aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronRight size={16} aria-hidden="true" />
          <span>
            <b>
              {serviceName(group.service)} <span className={code}>{group.consumer}</span>
            </b>
            <span className={styles.reason}>{group.reason}</span>
          </span>
        </button>
        <Chip tone="neg">{formatCount(group.letters.length)}</Chip>
        {oldest && (
          <span className={classes(styles.quiet, ui.wideOnly)} data-tip={formatInstant(oldest.createdAt)}>
            {t("since", { time: formatAge(oldest.createdAt, Date.now()) })}
          </span>
        )}
        {group.letters.some(canBeTried) && (
          <Button small disabled={total > 0} onClick={retry}>
            <RotateCw size={13} aria-hidden="true" />
            <WideLabel>{t("retryAll", { count: group.letters.filter(canBeTried).length })}</WideLabel>
          </Button>
        )}
      </header>
      {total > 0 && (
        <div className={styles.progress}>
          <Progress label={t("retrying")} value={done} max={total} />
          <span className="num">
            {formatCount(done)} / {formatCount(total)}
          </span>
        </div>
      )}
      {open && (
        <table className={classes(ui.table, styles.letters)}>
          <thead className="sr">
            <tr>
              <th>{t("column.event")}</th>
              <th>{t("column.status")}</th>
              <th>{t("column.attempts")}</th>
            </tr>
          </thead>
          <tbody>
            {group.letters.slice(0, shown).map((letter) => (
              <tr key={letter.id}>
                <td className={ui.fill}>
                  <button
                    type="button"
                    className={classes(rowButton, code)}
                    aria-current={letter.id === selected ? "true" : undefined}
                    onClick={() => onOpen(letter.id)}
                  >
                    {letter.type} <span className={styles.quiet}>{letter.key}</span>
                  </button>
                </td>
                <td>
                  <StatusChip letter={letter} />
                </td>
                <td className={classes(ui.right, ui.wideOnly)}>{t("attempts", { count: letter.attempts })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {open && group.letters.length > shown && (
        <Button small look="ghost" onClick={() => setShown(shown + 200)}>
          {t("more", { count: group.letters.length - shown })}
        </Button>
      )}
    </li>
  );
}

export function StatusChip({ letter }: { letter: Letter }) {
  const t = textOf("dead-letters");
  switch (letter.status) {
    case "dead":
      return <Chip tone="neg">{letter.discardBy === null ? t("status.dead") : t("status.discardAsked")}</Chip>;
    case "deferred":
      return <Chip tone="warn">{t("status.deferred")}</Chip>;
    case "parked":
      return <Chip>{t("status.parked")}</Chip>;
    case "redriven":
      return <Chip tone="pos">{t("status.redriven")}</Chip>;
    default:
      return <Chip>{t("status.discarded")}</Chip>;
  }
}

/** Asks for all of them, a few at a time; what fails is told at the end, once. */
function useRetryAll(letters: readonly Letter[]) {
  const t = textOf("dead-letters");
  const queries = useQueryClient();
  const [state, setState] = useState({ done: 0, total: 0 });
  const retry = async () => {
    const rest = [...letters];
    let failed = 0;
    setState({ done: 0, total: letters.length });
    const work = async () => {
      for (let letter = rest.shift(); letter !== undefined; letter = rest.shift()) {
        await redrive(letter).catch(() => failed++);
        setState(({ done, total }) => ({ done: done + 1, total }));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    setState({ done: 0, total: 0 });
    showToast({
      text: t("asked", { count: letters.length - failed }),
      ...(failed > 0 && { note: t("askedNot", { count: failed }), tone: "neg" as const }),
    });
    await queries.invalidateQueries({ queryKey: ["dead-letters"] });
  };
  return { ...state, retry: () => void retry() };
}
