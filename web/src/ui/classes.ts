import styles from "./ui.module.css";

/** Class names of the kit that pages use on plain elements: `table.right`, `hint`, `figure`, `wideOnly`. */
export const ui = styles;

/** Joins class names, without those that do not apply. */
export const classes = (...names: (string | false | null | undefined)[]) => names.filter(Boolean).join(" ");
