import { ui } from "./classes.ts";

/** A grey line where text will be; give it the width of the text. */
export const Skeleton = ({ width = "100%", height = 10 }: { width?: number | string; height?: number }) => (
  <span className={ui.skeleton} style={{ width, height }} aria-hidden="true" />
);
