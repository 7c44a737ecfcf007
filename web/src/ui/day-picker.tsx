/** One business day, by the native picker and one step at a time: `?day=2026-11-22`. */
import { CalendarDays, ChevronLeft, ChevronRight } from "lucide-react";
import { useRef } from "react";
import { addDays, formatDay } from "../format/days.ts";
import { textOf } from "../i18n/text.ts";
import { useShortcuts } from "../keys/keyboard.ts";
import { Button } from "./button.tsx";
import styles from "./day-picker.module.css";

type Props = {
  /** The day that is shown; undefined: today. */
  day: string | undefined;
  today: string;
  onPick: (day: string | undefined) => void;
};

export function DayPicker({ day, today, onPick }: Props) {
  const t = textOf("money");
  const input = useRef<HTMLInputElement>(null);
  const shown = day ?? today;
  const pick = (next: string) => onPick(next >= today ? undefined : next);
  useShortcuts([
    { keys: "BracketLeft", label: t("dayBefore"), run: () => pick(addDays(shown, -1)) },
    { keys: "BracketRight", label: t("dayAfter"), run: () => pick(addDays(shown, 1)) },
  ]);
  return (
    <span className={styles.picker} data-print="no">
      <Button
        look="ghost"
        icon
        className={styles.step}
        aria-label={t("dayBefore")}
        onClick={() => pick(addDays(shown, -1))}
      >
        <ChevronLeft size={16} />
      </Button>
      <Button onClick={() => input.current?.showPicker()}>
        <CalendarDays size={15} aria-hidden="true" />
        {shown === today ? t("todayIs", { day: formatDay(shown) }) : formatDay(shown)}
      </Button>
      <input
        ref={input}
        type="date"
        tabIndex={-1}
        aria-hidden="true"
        value={shown}
        max={today}
        onChange={(event) => event.target.value !== "" && pick(event.target.value)}
      />
      <Button
        look="ghost"
        icon
        className={styles.step}
        aria-label={t("dayAfter")}
        disabled={shown >= today}
        onClick={() => pick(addDays(shown, 1))}
      >
        <ChevronRight size={16} />
      </Button>
    </span>
  );
}
