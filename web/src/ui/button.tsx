import { Link, type LinkComponentProps } from "@tanstack/react-router";
import type { ComponentProps, ReactNode } from "react";
import { shownKeys } from "../keys/keyboard.ts";
import { classes, ui } from "./classes.ts";

export type ButtonLook = "ghost" | "line" | "primary" | "danger";

const look = (kind: ButtonLook, small: boolean, icon: boolean) =>
  classes(ui.button, ui[kind], small && ui.small, icon && ui.icon);

type Props = ComponentProps<"button"> & {
  look?: ButtonLook;
  small?: boolean /** Only an icon: give `aria-label`. */;
  icon?: boolean;
};

/** One primary button per page. An icon button says its `aria-label` as a tooltip too. */
export function Button({ look: kind = "line", small = false, icon = false, className, ...rest }: Props) {
  return (
    <button
      type="button"
      {...(icon && rest["aria-label"] && { "data-tip": rest["aria-label"] })}
      {...rest}
      className={classes(look(kind, small, icon), className)}
    />
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  look: kind = "line",
  small = false,
  ...rest
}: LinkComponentProps & { look?: ButtonLook; small?: boolean }) {
  return <Link {...rest} className={look(kind, small, false)} />;
}

/** Text of a button that gives way to the icon on a small screen, but not for a screen reader. */
export const WideLabel = ({ children }: { children: ReactNode }) => <span className={ui.wideLabel}>{children}</span>;

/** `keys` as the keyboard layer takes them: `Mod+KeyK`, `KeyG KeyT`. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className={ui.keys} aria-hidden="true">
      {shownKeys(keys).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
