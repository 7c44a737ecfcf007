/** One person beside the list: roles with what a change would do, sessions, history, deactivation. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Absences } from "../../absences/absences.tsx";
import { api, ask } from "../../api/client.ts";
import { isDrawn, type Role, roles, useMe } from "../../data/people.ts";
import { openCountsQuery } from "../../data/task-details.ts";
import type { User } from "../../data/users.ts";
import { formatInstant } from "../../format/dates.ts";
import { formatAge, formatDay } from "../../format/days.ts";
import { deviceText } from "../../format/device.ts";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { businessNow } from "../../live/stream.ts";
import { Actor } from "../../ui/actor.tsx";
import { Avatar } from "../../ui/avatar.tsx";
import { Button } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Facts, PanelPart, SidePanel } from "../../ui/side-panel.tsx";
import { explain } from "../../ui/states.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import { OneTimeText, RoleChoice } from "./invite.tsx";
import styles from "./people.module.css";
import { historyQuery, sessionsQuery, useChangeUser } from "./queries.ts";

export function UserPanel({ user, onClose }: { user: User; onClose: () => void }) {
  const t = textOf("people");
  const counts = useQuery(openCountsQuery);
  const open = counts.data?.assignees.find((one) => one.userId === user.userId)?.open ?? 0;
  return (
    <SidePanel title={user.name} note={user.login} mark={<Avatar id={user.userId} size={44} />} onClose={onClose}>
      <Facts
        facts={[
          user.email === "" ? null : [t("email"), user.email],
          [t("language"), user.language === "ru" ? t("russian") : t("english")],
          [t("since"), formatDay(user.createdAt.slice(0, 10), { dateStyle: "medium" })],
          [
            t("openTasks"),
            <Link key="open" to="/tasks" search={{ assignee: user.userId } as never}>
              {formatCount(open)}
            </Link>,
          ],
          [
            t("account"),
            <Link key="account" to="/accounts/$userId" params={{ userId: user.userId }}>
              {t("seeAccount")}
            </Link>,
          ],
        ]}
      />
      <Roles key={user.roles.join()} user={user} open={open} />
      {isDrawn(user.roles) && (
        <PanelPart title={textOf("absences")("title")}>
          <Absences userId={user.userId} />
        </PanelPart>
      )}
      <Sessions user={user} />
      <Access user={user} open={open} />
      <History userId={user.userId} />
    </SidePanel>
  );
}

function Roles({ user, open }: { user: User; open: number }) {
  const t = textOf("people");
  const [chosen, setChosen] = useState<readonly Role[]>(user.roles);
  const isMe = useMe().userId === user.userId;
  const change = useChangeUser(user.userId, () => showToast({ text: t("rolesChanged", { name: user.name }) }));
  const differs = roles.some((role) => chosen.includes(role) !== user.roles.includes(role));
  return (
    <PanelPart title={t("roles")}>
      <RoleChoice chosen={chosen} onChange={setChosen} quiet disabled={isMe || change.isPending} />
      {isMe && <p className={ui.hint}>{t("self")}</p>}
      {differs && chosen.length > 0 && (
        <>
          <div className={styles.effects} role="status">
            <b>{t("effects")}</b>
            {effectsOf(user.roles, chosen, open).map((effect) => (
              <span key={effect}>{effect}</span>
            ))}
          </div>
          <div className={styles.buttons}>
            <Button look="primary" disabled={change.isPending} onClick={() => change.mutate({ roles: [...chosen] })}>
              {t("saveRoles")}
            </Button>
            <Button onClick={() => setChosen(user.roles)}>{textOf("ui")("cancel")}</Button>
          </div>
        </>
      )}
    </PanelPart>
  );
}

function effectsOf(before: readonly Role[], after: readonly Role[], open: number): string[] {
  const t = textOf("people");
  const gained = (role: Role) => after.includes(role) && !before.includes(role);
  const lost = (role: Role) => before.includes(role) && !after.includes(role);
  const effects: string[] = [];
  if (isDrawn(after) && !isDrawn(before)) effects.push(t("effect.drawn"));
  if (!isDrawn(after) && isDrawn(before)) effects.push(t("effect.notDrawn", { count: open }));
  if (gained("worker")) effects.push(t("effect.addWorker"));
  if (lost("worker")) effects.push(t("effect.removeWorker"));
  if (gained("manager")) effects.push(t("effect.addManager"));
  if (lost("manager")) effects.push(t("effect.removeManager"));
  if (gained("accountant")) effects.push(t("effect.addAccountant"));
  if (lost("accountant")) effects.push(t("effect.removeAccountant"));
  if (gained("admin")) effects.push(t("effect.addAdmin"));
  if (lost("admin")) effects.push(t("effect.removeAdmin"));
  return effects;
}

function Sessions({ user }: { user: User }) {
  const t = textOf("people");
  const queries = useQueryClient();
  const sessions = useQuery(sessionsQuery(user.userId));
  const end = useMutation({
    mutationFn: () => ask(api.DELETE("/api/users/{userId}/sessions", { params: { path: { userId: user.userId } } })),
    onSuccess: () => {
      showToast({ text: t("endedAll", { name: user.name }) });
      return queries.invalidateQueries({ queryKey: ["users", "sessions", user.userId] });
    },
    onError: showError,
  });
  const items = sessions.data?.items ?? [];
  return (
    <PanelPart
      title={t("sessions")}
      action={
        items.length > 0 && (
          <Button small disabled={end.isPending} onClick={() => end.mutate()}>
            {t("endAll")}
          </Button>
        )
      }
    >
      {sessions.isError && <p className={ui.wrong}>{explain(sessions.error)}</p>}
      {sessions.data && items.length === 0 && <p className={ui.hint}>{t("noSessions")}</p>}
      <ul className={styles.lines}>
        {items.map((one) => (
          <li key={one.sessionId}>
            <span title={one.device}>{deviceText(one.device)}</span>
            <span data-tip={formatInstant(one.lastSeenAt)}>
              {t("lastSeen", { time: formatAge(one.lastSeenAt, businessNow()) })}
            </span>
          </li>
        ))}
      </ul>
    </PanelPart>
  );
}

function Access({ user, open }: { user: User; open: number }) {
  const t = textOf("people");
  const [asking, setAsking] = useState(false);
  const isMe = useMe().userId === user.userId;
  const active = user.status === "active";
  const change = useChangeUser(user.userId, () => {
    setAsking(false);
    showToast({ text: t(active ? "deactivated" : "reactivated", { name: user.name }) });
  });
  const link = useMutation({
    mutationFn: () => ask(api.POST("/api/users/{userId}/password-link", { params: { path: { userId: user.userId } } })),
    onSuccess: (answer) => {
      if (answer.link === null) showToast({ text: t("passwordLinkMailed") });
    },
    onError: showError,
  });
  return (
    <PanelPart title={t("status")}>
      <div className={styles.buttons}>
        {active ? (
          <Button look="danger" disabled={isMe} onClick={() => setAsking(true)}>
            {t("deactivate")}
          </Button>
        ) : (
          <Button disabled={change.isPending} onClick={() => change.mutate({ status: "active" })}>
            {t("reactivate")}
          </Button>
        )}
        <Button disabled={link.isPending} onClick={() => link.mutate()}>
          {t("passwordLink")}
        </Button>
      </div>
      {asking && (
        <Dialog title={t("deactivateTitle", { name: user.name })} onClose={() => setAsking(false)}>
          <p>{open === 0 ? t("deactivateNone") : t("deactivateAbout", { count: open })}</p>
          <DialogActions>
            <Button onClick={() => setAsking(false)}>{textOf("ui")("cancel")}</Button>
            <Button look="danger" disabled={change.isPending} onClick={() => change.mutate({ status: "inactive" })}>
              {t("deactivate")}
            </Button>
          </DialogActions>
        </Dialog>
      )}
      {link.data?.link != null && (
        <Dialog title={t("passwordLink")} onClose={() => link.reset()}>
          <OneTimeText text={link.data.link} note={t("linkOnce", { time: formatInstant(link.data.expiresAt) })} />
        </Dialog>
      )}
    </PanelPart>
  );
}

function History({ userId }: { userId: string }) {
  const t = textOf("people");
  const words = textOf("security-audit");
  const history = useQuery(historyQuery(userId));
  return (
    <PanelPart title={t("history")}>
      {history.isError && <p className={ui.wrong}>{explain(history.error)}</p>}
      {history.data?.items.length === 0 && <p className={ui.hint}>{t("noHistory")}</p>}
      <ul className={styles.lines}>
        {history.data?.items.map((one) => (
          <li key={one.entry}>
            <span>
              {words(`kind.${one.kind}`)}
              {one.actor !== `user:${userId}` && (
                <span className={styles.quiet}>
                  {" "}
                  {t("by")} <Actor actor={one.actor} />
                </span>
              )}
            </span>
            <span data-tip={formatInstant(one.at)}>{formatAge(one.at, businessNow())}</span>
          </li>
        ))}
      </ul>
    </PanelPart>
  );
}
