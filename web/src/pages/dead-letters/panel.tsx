/** One event that could not be applied: what it holds, why it failed, and what can be done. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMe } from "../../data/people.ts";
import { formatInstant } from "../../format/dates.ts";
import { textOf } from "../../i18n/text.ts";
import { Actor } from "../../ui/actor.tsx";
import { Button } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Field, Input } from "../../ui/parts.tsx";
import { code, Facts, Json, PanelPart, SidePanel } from "../../ui/side-panel.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import styles from "./letters.module.css";
import { StatusChip } from "./page.tsx";
import { canBeTried, discard, type Letter, redrive } from "./queries.ts";

export function LetterPanel({ letter, onClose }: { letter: Letter; onClose: () => void }) {
  const t = textOf("dead-letters");
  return (
    <SidePanel title={letter.type} note={<StatusChip letter={letter} />} onClose={onClose}>
      <p className={styles.why}>{letter.reason}</p>
      <Facts
        facts={[
          [t("consumer"), <span key="c" className={code}>{`${letter.service} ${letter.consumer}`}</span>],
          [
            t("place"),
            <span key="p" className={code}>{`${letter.source} ${letter.partition} / ${letter.position}`}</span>,
          ],
          [
            t("key"),
            <span key="k" className={code}>
              {letter.key}
            </span>,
          ],
          letter.waitsFor === null
            ? null
            : [
                t("waitsFor"),
                <span key="w" className={code}>
                  {letter.waitsFor}
                </span>,
              ],
          letter.period === null ? null : [t("period"), String(letter.period)],
          [t("column.attempts"), String(letter.attempts)],
          [t("created"), formatInstant(letter.createdAt)],
          [
            t("trace"),
            <Link key="t" to="/explain" search={{ trace: letter.eventId }} className={code}>
              {letter.eventId}
            </Link>,
          ],
        ]}
      />
      {letter.status === "parked" && <p className={ui.hint}>{t("parkedAbout")}</p>}
      {canBeTried(letter) ? <Mend letter={letter} onClose={onClose} /> : <Data letter={letter} />}
      <Details title={t("headers")} open={false}>
        <Json label={t("headers")} value={letter.headers} />
      </Details>
      {letter.stack !== null && (
        <Details title={t("stack")} open={letter.status === "dead"}>
          <Json label={t("stack")} value={letter.stack} />
        </Details>
      )}
      {canBeTried(letter) && <Discard letter={letter} onClose={onClose} />}
      {letter.status === "discarded" && (
        <PanelPart title={t("status.discarded")}>
          <People ids={letter.discardBy} />
          <p>{letter.discardReason}</p>
        </PanelPart>
      )}
    </SidePanel>
  );
}

const Details = ({ title, open, children }: { title: string; open: boolean; children: React.ReactNode }) => (
  <details className={styles.more} open={open}>
    <summary>{title}</summary>
    {children}
  </details>
);

const Data = ({ letter }: { letter: Letter }) => (
  <PanelPart title={textOf("dead-letters")("data")}>
    <Json label={textOf("dead-letters")("data")} value={letter.data} />
  </PanelPart>
);

function useDone(onClose: () => void) {
  const queries = useQueryClient();
  return (text: string, note?: string, action?: { text: string; run: () => void }) => {
    showToast({ text, note, action });
    onClose();
    return queries.invalidateQueries({ queryKey: ["dead-letters"] });
  };
}

/** The data as they are, or as somebody mends them; key, type and period stay. */
function Mend({ letter, onClose }: { letter: Letter; onClose: () => void }) {
  const t = textOf("dead-letters");
  const navigate = useNavigate();
  const done = useDone(onClose);
  const before = JSON.stringify(letter.data, null, 2);
  const [editing, setEditing] = useState(false);
  const [text, setText] = useState(before);
  const data = readObject(text);
  const changed = editing && text !== before;
  const retry = useMutation({
    mutationFn: () => redrive(letter, changed ? data : undefined),
    onSuccess: () =>
      done(t("asked", { count: 1 }), t("askedNote"), {
        text: t("trace"),
        run: () => void navigate({ to: "/explain", search: { trace: letter.eventId } }),
      }),
    onError: showError,
  });
  return (
    <PanelPart
      title={t("data")}
      action={
        !editing && (
          <Button small look="ghost" onClick={() => setEditing(true)}>
            {t("edit")}
          </Button>
        )
      }
    >
      {editing ? (
        <Field label={t("mended")} hint={t("mendedHint")} {...(data === undefined && { wrong: t("noJson") })}>
          {(control) => (
            <textarea
              {...control}
              className={classes(control.className, styles.editor)}
              rows={12}
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      ) : (
        <Json label={t("data")} value={letter.data} />
      )}
      <div className={styles.buttons}>
        <Button look="primary" disabled={retry.isPending || data === undefined} onClick={() => retry.mutate()}>
          {changed ? t("editAndRetry") : t("retry")}
        </Button>
        {editing && (
          <Button
            onClick={() => {
              setEditing(false);
              setText(before);
            }}
          >
            {textOf("ui")("cancel")}
          </Button>
        )}
      </div>
    </PanelPart>
  );
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** With a reason; about money the first person asks and a second one confirms. */
function Discard({ letter, onClose }: { letter: Letter; onClose: () => void }) {
  const t = textOf("dead-letters");
  const me = useMe();
  const done = useDone(onClose);
  const [reason, setReason] = useState("");
  const asked = letter.discardBy !== null;
  const isMine = letter.discardBy === me.userId;
  const give = useMutation({
    mutationFn: () => discard(letter, reason.trim()),
    onSuccess: ({ discarded }) => (discarded ? done(t("discardedNow")) : done(t("askedToDiscard"), t("secondPerson"))),
    onError: showError,
  });
  return (
    <PanelPart title={t("discard")}>
      {asked && (
        <div className={styles.asked}>
          <People ids={letter.discardBy} />
          <span>{letter.discardReason}</span>
        </div>
      )}
      {isMine ? (
        <p className={ui.hint}>{t("secondPerson")}</p>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            give.mutate();
          }}
        >
          <Field label={t("reason")} hint={asked ? t("confirmHint") : t("discardHint")}>
            {(control) => (
              <Input
                {...control}
                required
                minLength={3}
                maxLength={500}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
          <div className={styles.buttons}>
            <Button type="submit" look="danger" disabled={give.isPending || reason.trim().length < 3}>
              {asked ? t("confirmDiscard") : t("discard")}
            </Button>
          </div>
        </form>
      )}
    </PanelPart>
  );
}

const People = ({ ids }: { ids: string | null }) =>
  ids?.split(", ").map((id) => <Actor key={id} actor={`user:${id}`} />);
