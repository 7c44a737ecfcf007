import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { LogOut, Moon, Search, Sun, X } from "lucide-react";
import { lazy, Suspense } from "react";
import { myAccountQuery } from "../data/accounts.ts";
import { useCounters } from "../data/counters.ts";
import { useMe } from "../data/people.ts";
import { formatMoney } from "../format/money.ts";
import { formatCount } from "../format/numbers.ts";
import { textOf } from "../i18n/text.ts";
import { Button, Keys } from "../ui/button.tsx";
import { lastViewOf } from "./last-view.ts";
import { areas, placesFor } from "./menu.ts";
import { signOut } from "./sign-out.ts";
import styles from "./shell.module.css";
import { setTheme, useTheme } from "./theme.ts";

/** The popug is drawn when the first page is there. */
const Avatar = lazy(async () => ({ default: (await import("../ui/avatar.tsx")).Avatar }));

export function Sidebar({ open, onClose, onFind }: { open: boolean; onClose: () => void; onFind: () => void }) {
  const t = textOf("shell");
  const me = useMe();
  const theme = useTheme();
  const counters = useCounters();
  const { data: account } = useQuery(myAccountQuery);
  const role = me.roles.at(-1) ?? "worker";
  const allowed = placesFor(me.roles);
  return (
    <aside className={styles.side} data-open={open || undefined}>
      <div className={styles.brand}>
        <img src="/icon.svg" alt="" width="22" height="22" />
        UberPopug
        {open && (
          <>
            <span className={styles.spacer} />
            <Button look="ghost" icon aria-label={t("closeMenu")} onClick={onClose}>
              <X size={18} />
            </Button>
          </>
        )}
      </div>
      <button type="button" className={styles.find} onClick={onFind}>
        <Search size={15} strokeWidth={1.9} />
        {t("find")}
        <Keys keys="Mod+KeyK" />
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a link inside takes the keys; this only closes the menu after it */}
      <nav className={styles.nav} aria-label={t("main")} onClick={onClose}>
        {areas.map((area) => {
          const own = allowed.filter((place) => place.area === area);
          if (own.length === 0) return null;
          return (
            <section key={area}>
              <h2>{t(`area.${area}`)}</h2>
              {own.map(({ name, to, icon: Icon }) => {
                const count = counters[name];
                return (
                  <Link
                    key={name}
                    to={to}
                    search={lastViewOf(me.userId, name)}
                    activeProps={{ "aria-current": "page" }}
                    activeOptions={{ includeSearch: false }}
                    preload="intent"
                  >
                    <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
                    {t(`place.${name}`)}
                    {count !== undefined && (
                      <span className={styles.count} data-alert={name === "dead-letters" || undefined}>
                        {formatCount(count)}
                      </span>
                    )}
                  </Link>
                );
              })}
            </section>
          );
        })}
      </nav>
      <div className={styles.foot}>
        <Link to="/settings" className={styles.me} onClick={onClose}>
          <Suspense fallback={<svg width={28} height={28} aria-hidden="true" />}>
            <Avatar id={me.userId} size={28} />
          </Suspense>
          <span>
            <b>{me.name}</b>
            <small>
              {t(`role.${role}`)}
              {account !== undefined && (
                <span className="num">· {formatMoney(account.balanceMinor, account.currency, { short: true })}</span>
              )}
            </small>
          </span>
        </Link>
        <Button
          look="ghost"
          icon
          aria-label={theme === "dark" ? t("toLight") : t("toDark")}
          onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
        >
          {theme === "dark" ? <Sun size={16} /> : <Moon size={16} />}
        </Button>
        {open && (
          <Button look="ghost" icon aria-label={t("signOut")} onClick={() => void signOut()}>
            <LogOut size={16} />
          </Button>
        )}
      </div>
    </aside>
  );
}
