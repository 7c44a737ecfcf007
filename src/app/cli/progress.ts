/** Progress on a terminal; nothing where standard error is none, so that logs of scripts stay short. */
import cliProgress from "cli-progress";

export type Progress = { to: (value: number, note?: string) => void; end: () => void };

/** @param what stands in front of the bar */
export function progress(what: string, total: number): Progress {
  if (!process.stderr.isTTY) return { to: () => {}, end: () => {} };
  const bar = new cliProgress.SingleBar(
    {
      format: `${what} [{bar}] {value}/{total} {note}`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.rect,
  );
  bar.start(total, 0, { note: "" });
  return {
    to: (value, note = "") => bar.update(value, { note }),
    end: () => bar.stop(),
  };
}
