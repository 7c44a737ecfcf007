/** Runs something that has to be looked at again and again: at once when woken, slowly by itself, gently when it fails. */
import type { Logger } from "pino";

export type Loop = {
  /** There may be something to do. Cheap; any number of calls before the next look count as one. */
  wake: () => void;
  /** Ends after the pass that is running. */
  stop: () => Promise<void>;
};

/** Longest pause between two tries of something that keeps failing. */
const MAX_BACKOFF_MS = 5_000;

/** A pass that did less than this was not a backlog being worked off. */
const FEW = 100;

/**
 * @param pass does a bounded piece of work and returns how much it did; it is called again at once while that is above zero
 * @param pollMs floor: how long a lost wake-up can delay anything
 * @param restMs pause after a pass that found little: what arrives meanwhile shares the next transaction
 */
export function startLoop(
  name: string,
  pass: () => Promise<number>,
  { pollMs, restMs }: { pollMs: number; restMs: number },
  log: Logger,
): Loop {
  let woken = true;
  let stopping = false;
  let rouse: () => void = () => {};

  /** A pause after a failure is not cut short by wake-ups: they come with every commit, and would make it a busy loop. */
  const pause = (ms: number, wakeable: boolean) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      rouse = () => {
        if (!stopping && !(wakeable && woken)) return;
        clearTimeout(timer);
        resolve();
      };
      rouse();
    });

  const run = async () => {
    let failures = 0;
    while (!stopping) {
      woken = false;
      try {
        const did = await pass();
        failures = 0;
        if (did === 0) await pause(pollMs, true);
        else if (did < FEW && restMs > 0) await pause(restMs, false);
      } catch (error) {
        failures++;
        const backoff = Math.min(MAX_BACKOFF_MS, 50 * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2);
        log.error(
          { err: error, loop: name, failures, retryInMs: Math.round(backoff) },
          "pass failed, will be repeated",
        );
        await pause(backoff, false);
      }
    }
  };
  const running = run();

  return {
    wake: () => {
      woken = true;
      rouse();
    },
    stop: async () => {
      stopping = true;
      rouse();
      await running;
    },
  };
}
