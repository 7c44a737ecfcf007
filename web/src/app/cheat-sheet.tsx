import { textOf } from "../i18n/text.ts";
import { useBindings } from "../keys/listening.ts";
import { Keys } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import styles from "./shell.module.css";

/** What can be pressed on this page, as it is bound now. */
export default function CheatSheet({ onClose }: { onClose: () => void }) {
  const t = textOf("overlays");
  const shown = useBindings().filter((one) => one.label !== undefined);
  const goes = shown.filter((one) => one.keys.startsWith("KeyG "));
  const groups = [
    { title: t("keys.here"), keys: shown.filter((one) => !goes.includes(one)).toReversed() },
    { title: t("goTo"), keys: goes },
  ];
  return (
    <Dialog title={t("keys.title")} onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div className={styles.sheets} tabIndex={0} role="region" aria-label={t("keys.title")}>
        {groups.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <ul>
              {keys.map((one) => (
                <li key={one.keys}>
                  {one.label}
                  <Keys keys={one.keys} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
