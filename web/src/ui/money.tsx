import { moneyParts } from "../format/amounts.ts";
import { classes, ui } from "./classes.ts";

type Props = {
  minor: number;
  currency: string;
  /** A plus before what is above zero. */
  signed?: boolean;
  /** `flow`: plus is green, minus is ink. `balance`: below zero is red. */
  tone?: "flow" | "balance";
  size?: "big" | "hero";
};

/** An amount with its cents dimmed; a zero in a list is dimmed as a whole. */
export function Money({ minor, currency, signed = false, tone, size }: Props) {
  const { main, rest } = moneyParts(minor, currency, signed);
  const colour = tone === "flow" && minor > 0 ? ui.pos : tone === "balance" && minor < 0 ? ui.neg : undefined;
  return (
    <span className={classes(ui.money, colour, size ? ui[size] : minor === 0 && ui.zero)}>
      {main}
      {rest !== "" && <span className={ui.rest}>{rest}</span>}
    </span>
  );
}
