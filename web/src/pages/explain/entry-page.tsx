/** A line of the books, back to the event, the command and the person: read from top to bottom as "because". */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeftRight, Radio, Terminal, UserRound, Wallet } from "lucide-react";
import type { ReactNode } from "react";
import { api, ask } from "../../api/client.ts";
import type { EntryKind } from "../../data/money.ts";
import { useMay } from "../../data/people.ts";
import { formatInstant } from "../../format/dates.ts";
import { formatMoney } from "../../format/money.ts";
import { textOf } from "../../i18n/text.ts";
import { Actor } from "../../ui/actor.tsx";
import { Person } from "../../ui/avatar.tsx";
import { classes } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Chip, Mark } from "../../ui/parts.tsx";
import { code, Facts, Json } from "../../ui/side-panel.tsx";
import { ErrorState, LoadingRows } from "../../ui/states.tsx";
import styles from "./explain.module.css";
import { ExplainFrame } from "./frame.tsx";
import { explainEntryRoute } from "./route.ts";

type CloudEvent = Record<string, unknown>;
const icon = { size: 14, strokeWidth: 1.9, "aria-hidden": true } as const;

export function ExplainEntryPage() {
  const { entryId } = explainEntryRoute.useParams();
  const explained = useQuery({
    queryKey: ["entries", "explain", entryId],
    queryFn: () => ask(api.GET("/api/entries/{entryId}/explain", { params: { path: { entryId } } })),
  });
  return (
    <ExplainFrame key={entryId} asked={entryId}>
      {explained.isPending ? (
        <LoadingRows />
      ) : explained.isError ? (
        <ErrorState error={explained.error} retry={() => void explained.refetch()} />
      ) : (
        <Chain explained={explained.data} />
      )}
    </ExplainFrame>
  );
}

type Explained = {
  entry: {
    entryId: string;
    userId: string;
    userName: string;
    kind: EntryKind;
    amountMinor: number;
    taskId: string | null;
    title: string | null;
    occurredAt: string;
    label: string;
    currency: string;
    returned?: { entryId: string; label: string; reason: string };
    reverses?: string;
  };
  posting: { debit: { account: string }; credit: { account: string }; amountMinor: number };
  event: CloudEvent | null;
  edited: { by: string | null; original: unknown } | null;
  causes: CloudEvent[];
  command: string | null;
  actor: string | null;
  person: { userId: string; name: string } | null;
};

function Chain({
  explained: { entry, posting, event, edited, causes, command, actor, person },
}: {
  explained: Explained;
}) {
  const t = textOf("explain");
  return (
    <ol className={styles.chain}>
      <Step icon={<Wallet {...icon} />} title={t("step.entry")} tone={entry.amountMinor > 0 ? "pos" : undefined}>
        <p className={styles.headline}>
          <Money minor={entry.amountMinor} currency={entry.currency} signed tone="flow" size="big" />
          <span>{t(`kind.${entry.kind}`)}</span>
        </p>
        <Facts
          facts={[
            [t("popug"), <Person key="popug" id={entry.userId} name={entry.userName} />],
            entry.taskId === null
              ? null
              : [
                  t("task"),
                  <Link key="task" to="/explain" search={{ task: entry.taskId }}>
                    {entry.title ?? entry.taskId}
                  </Link>,
                ],
            [t("when"), formatInstant(entry.occurredAt)],
            [t("day"), entry.label],
            entry.returned === undefined
              ? null
              : [
                  t("returned"),
                  <Link key="returned" to="/explain/$entryId" params={{ entryId: entry.returned.entryId }}>
                    {entry.returned.label}
                  </Link>,
                ],
            entry.returned === undefined ? null : [t("reason"), entry.returned.reason],
            entry.reverses === undefined
              ? null
              : [
                  t("reverses"),
                  <Link key="reverses" to="/explain/$entryId" params={{ entryId: entry.reverses }} className={code}>
                    {entry.reverses}
                  </Link>,
                ],
          ]}
        />
      </Step>
      <Step icon={<ArrowLeftRight {...icon} />} title={t("step.posting")}>
        <p>
          {t("posting", {
            amount: formatMoney(posting.amountMinor, entry.currency),
            debit: accountText(posting.debit.account),
            credit: accountText(posting.credit.account),
          })}
        </p>
      </Step>
      {event !== null && (
        <EventStep event={event} title={t("step.event")}>
          {edited !== null && (
            <div className={styles.mended}>
              <Chip tone="warn">{t("mended")}</Chip>
              {edited.by !== null && <Actor actor={`user:${edited.by}`} />}
              <details>
                <summary>{t("original")}</summary>
                <Json label={t("original")} value={edited.original} />
              </details>
            </div>
          )}
        </EventStep>
      )}
      {causes.map((cause) => (
        <EventStep key={String(cause["id"])} event={cause} title={t("step.cause")} />
      ))}
      {command !== null && (
        <Step icon={<Terminal {...icon} />} title={t("step.command")}>
          <p className={code}>{command}</p>
        </Step>
      )}
      {actor !== null && (
        <Step icon={<UserRound {...icon} />} title={t("step.person")} last>
          <p>
            <Actor actor={actor} name={person?.name ?? null} />
          </p>
        </Step>
      )}
    </ol>
  );
}

/** An account of the books in the reader's words; `popug`: their own. */
function accountText(account: string): string {
  const t = textOf("explain");
  const names = [
    ...(["popug", "fee-income", "reward-expense", "payout-clearing"] as const),
    ...(["write-off", "opening-balance", "suspense"] as const),
  ];
  const known = names.find((one) => one === account);
  return known === undefined ? account : t(`account.${known}`);
}

export function Step({
  icon: mark,
  title,
  tone,
  last = false,
  children,
}: {
  icon: ReactNode;
  title: string;
  tone?: "pos" | "warn" | undefined;
  last?: boolean;
  children: ReactNode;
}) {
  return (
    <li className={classes(styles.step, last && styles.last)}>
      <Mark tone={tone}>{mark}</Mark>
      <div>
        <h2>{title}</h2>
        {children}
      </div>
    </li>
  );
}

function EventStep({ event, title, children }: { event: CloudEvent; title: string; children?: ReactNode }) {
  const t = textOf("explain");
  const seesTraces = useMay("admin");
  const text = (name: string) => String(event[name]);
  const source = text("source").split("/").at(-1) ?? "";
  return (
    <Step icon={<Radio {...icon} />} title={title}>
      <p className={styles.headline}>
        <span className={code}>{text("type")}</span>
        <span>{formatInstant(text("time"))}</span>
      </p>
      <Facts
        facts={[
          [
            t("place"),
            <span key="place" className={code}>{`${source} ${text("partition")} / ${Number(event["sequence"])}`}</span>,
          ],
          [
            t("event"),
            seesTraces ? (
              <Link key="trace" to="/explain" search={{ trace: text("id") }} className={code}>
                {text("id")}
              </Link>
            ) : (
              <span key="trace" className={code}>
                {text("id")}
              </span>
            ),
          ],
        ]}
      />
      {children}
      <details className={styles.data}>
        <summary>{t("data")}</summary>
        <Json label={`${t("data")} ${text("type")}`} value={event["data"]} />
      </details>
    </Step>
  );
}
