import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { PageFrame } from "../../app/page-frame.tsx";
import { absencesQuery } from "../../data/absences.ts";
import { type AccountLine, balancesQuery } from "../../data/books.ts";
import { type Role, roles } from "../../data/people.ts";
import { openCountsQuery } from "../../data/task-details.ts";
import { type User, usersQuery } from "../../data/users.ts";
import { formatInstant } from "../../format/dates.ts";
import { formatAge, formatDay } from "../../format/days.ts";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { useShortcuts } from "../../keys/keyboard.ts";
import { Person } from "../../ui/avatar.tsx";
import { Button, WideLabel } from "../../ui/button.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Chip, SearchInput, Select, Table, Tabs } from "../../ui/parts.tsx";
import { rowButton, Toolbar, WithPanel } from "../../ui/side-panel.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { Invitations } from "./invitations.tsx";
import { InviteDialog } from "./invite.tsx";
import { UserPanel } from "./panel.tsx";
import styles from "./people.module.css";
import { peopleRoute, type PeopleSearch } from "./route.ts";

export function PeoplePage() {
  const t = textOf("people");
  const search = peopleRoute.useSearch();
  const navigate = peopleRoute.useNavigate();
  const users = useQuery(usersQuery);
  const [inviting, setInviting] = useState(false);
  const shown = users.data?.filter((user) => isWanted(user, search)) ?? [];
  const selected = users.data?.find((user) => user.userId === search.user);
  const set = (change: Partial<Record<keyof PeopleSearch, string | undefined>>) =>
    void navigate({ search: (now) => ({ ...now, ...change }) as PeopleSearch, replace: true });
  useShortcuts([
    { keys: "Slash", label: t("find"), run: () => document.getElementById("people-search")?.focus() },
    { keys: "KeyI", label: t("invite"), run: () => setInviting(true) },
  ]);
  return (
    <PageFrame
      area="team"
      title={t("title")}
      full
      actions={
        <Button look="primary" onClick={() => setInviting(true)}>
          <UserPlus size={15} aria-hidden="true" />
          <WideLabel>{t("invite")}</WideLabel>
        </Button>
      }
    >
      <WithPanel
        label={t("title")}
        panel={
          selected !== undefined && (
            <UserPanel key={selected.userId} user={selected} onClose={() => set({ user: undefined })} />
          )
        }
      >
        <Toolbar>
          <SearchInput
            id="people-search"
            className={styles.find ?? ""}
            aria-label={t("find")}
            placeholder={t("find")}
            value={search.q ?? ""}
            onChange={(event) => set({ q: event.target.value || undefined })}
          />
          <Tabs
            label={t("status")}
            value={search.status ?? "active"}
            options={[
              { value: "active", text: t("active") },
              { value: "inactive", text: t("inactive") },
              { value: "all", text: t("everybody") },
            ]}
            onChange={(status) => set({ status: status === "active" ? undefined : status })}
          />
          <Select
            aria-label={t("role")}
            value={search.role ?? ""}
            onChange={(event) => set({ role: event.target.value || undefined })}
          >
            <option value="">{t("anyRole")}</option>
            {roles.map((role) => (
              <option key={role} value={role}>
                {textOf("shell")(`role.${role}`)}
              </option>
            ))}
          </Select>
          <span className={classes("num", ui.wideOnly)}>{users.data && t("shown", { count: shown.length })}</span>
        </Toolbar>
        {users.isPending ? (
          <LoadingRows />
        ) : users.isError ? (
          <ErrorState error={users.error} retry={() => void users.refetch()} />
        ) : (
          <>
            <Invitations />
            {shown.length === 0 ? (
              <EmptyState
                title={t("none")}
                action={
                  <Button onClick={() => set({ q: undefined, role: undefined, status: undefined })}>
                    {t("clear")}
                  </Button>
                }
              >
                {t("noneAbout")}
              </EmptyState>
            ) : (
              <UserTable users={shown} selected={search.user} onOpen={(user) => set({ user })} />
            )}
          </>
        )}
      </WithPanel>
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </PageFrame>
  );
}

function isWanted(user: User, { q, role, status }: PeopleSearch): boolean {
  if (status !== "all" && user.status !== (status ?? "active")) return false;
  if (role !== undefined && !user.roles.includes(role)) return false;
  const text = q?.trim().toLocaleLowerCase() ?? "";
  return [user.name, user.login, user.email].some((part) => part.toLocaleLowerCase().includes(text));
}

function UserTable({
  users,
  selected,
  onOpen,
}: {
  users: readonly User[];
  selected: string | undefined;
  onOpen: (userId: string) => void;
}) {
  const t = textOf("people");
  const counts = useQuery(openCountsQuery);
  const absences = useQuery(absencesQuery());
  const today = absences.data?.today ?? "";
  const away = new Map(absences.data?.items.filter((one) => one.firstDay <= today).map((one) => [one.userId, one]));
  const balances = useQuery(balancesQuery);
  const open = new Map(counts.data?.assignees.map((one) => [one.userId, one.open]));
  return (
    <Table label={t("title")}>
      <thead>
        <tr>
          <th>{t("column.popug")}</th>
          <th className={ui.wideOnly}>{t("column.login")}</th>
          <th className={ui.wideOnly}>{t("column.roles")}</th>
          <th className={classes(ui.right, ui.wideOnly)}>{t("column.seen")}</th>
          <th className={classes(ui.right, ui.wideOnly)}>{t("column.open")}</th>
          <th className={classes(ui.right, styles.amount)}>{t("column.balance")}</th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr key={user.userId} data-off={user.status === "inactive" || undefined} className={styles.row}>
            <td className={ui.narrowFill}>
              <button
                type="button"
                className={rowButton}
                aria-current={user.userId === selected ? "true" : undefined}
                onClick={() => onOpen(user.userId)}
              >
                <Person id={user.userId} name={user.name} />
              </button>
              <span className={ui.narrowOnly}>
                <RoleChips roles={user.roles} status={user.status} awayUntil={away.get(user.userId)?.lastDay} />
              </span>
            </td>
            <td className={classes(ui.wideOnly, styles.quiet)}>{user.login}</td>
            <td className={ui.wideOnly}>
              <RoleChips roles={user.roles} status={user.status} awayUntil={away.get(user.userId)?.lastDay} />
            </td>
            <td
              className={classes(ui.right, ui.wideOnly, styles.quiet)}
              {...(user.lastSeenAt !== null && { "data-tip": formatInstant(user.lastSeenAt) })}
            >
              {user.lastSeenAt === null ? t("never") : formatAge(user.lastSeenAt, Date.now())}
            </td>
            <td className={classes(ui.right, ui.wideOnly)}>
              {counts.data && (
                <Link to="/tasks" search={{ assignee: user.userId }} className={styles.figure}>
                  {formatCount(open.get(user.userId) ?? 0)}
                </Link>
              )}
            </td>
            <td className={ui.right}>
              {balances.data && (
                <Link to="/accounts/$userId" params={{ userId: user.userId }} className={styles.figure}>
                  <Balance of={balances.data.get(user.userId)} />
                </Link>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Who never had a line in the books has no account yet: an empty place, not a zero. */
const Balance = ({ of }: { of: AccountLine | undefined }) =>
  of === undefined ? "–" : <Money minor={of.balanceMinor} currency={of.currency} tone="balance" />;

export function RoleChips({
  roles: given,
  status,
  awayUntil,
}: {
  roles: readonly Role[];
  status?: User["status"];
  awayUntil?: string | undefined;
}) {
  const t = textOf("shell");
  return (
    <span className={styles.chips}>
      {given.map((role) => (
        <Chip key={role} tone={role === "admin" ? "accent" : undefined}>
          {t(`role.${role}`)}
        </Chip>
      ))}
      {awayUntil !== undefined && <Chip>{textOf("absences")("away", { day: formatDay(awayUntil) })}</Chip>}
      {status === "inactive" && <Chip tone="warn">{textOf("people")("inactive")}</Chip>}
    </span>
  );
}
