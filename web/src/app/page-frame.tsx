/** What every page begins with. */
import { Menu as MenuIcon } from "lucide-react";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import { textOf } from "../i18n/text.ts";
import { Button } from "../ui/button.tsx";
import { classes } from "../ui/classes.ts";
import { LiveMark } from "./live-mark.tsx";
import type { Area } from "./menu.ts";
import styles from "./shell.module.css";

/** Opens the menu on a small screen. */
export const OpenMenu = createContext<() => void>(() => {});

type Props = {
  area: Area;
  title: string;
  /** Buttons at the right of the header; at most one of them primary. */
  actions?: ReactNode;
  /** Fills the sheet and scrolls by itself (a long list); otherwise a centred column of 1120 px. */
  full?: boolean;
  children: ReactNode;
};

/** Header and body of a page. Sets the title of the window too. */
export function PageFrame({ area, title, actions, full = false, children }: Props) {
  const t = textOf("shell");
  const openMenu = useContext(OpenMenu);
  useEffect(() => {
    document.title = `${title} · UberPopug`;
  }, [title]);
  return (
    <>
      <header className={styles.top}>
        <Button look="ghost" icon className={styles.burger} aria-label={t("menu")} onClick={openMenu}>
          <MenuIcon size={18} />
        </Button>
        <div className={styles.crumb}>
          <span>{t(`area.${area}`)}</span>
          <i aria-hidden="true">/</i>
          <h1>{title}</h1>
        </div>
        <span className={styles.spacer} />
        <LiveMark />
        {actions}
      </header>
      {full ? (
        children
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <div className={classes(styles.scroll)} tabIndex={0} role="region" aria-label={title}>
          <div className={styles.page}>{children}</div>
        </div>
      )}
    </>
  );
}
