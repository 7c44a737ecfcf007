/**
 * People at work on an installation that dies under them. Each command carries an Idempotency-Key and is repeated with it
 * until there is an answer that counts, so that in the end it is known exactly what has to be there.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../kit/random.ts";
import { until } from "../kit/until.ts";
import type { requestsTo } from "./requests.ts";

/** Where people work. */
export type Workplace = {
  /** One request; throws when there is no answer. */
  request: (
    role: string,
    method: string,
    path: string,
    body?: unknown,
    key?: string,
  ) => ReturnType<ReturnType<typeof requestsTo>>;
  /** What it said at last. */
  said: () => string;
};

export type Load = {
  /** Title → task id, of every task that was acknowledged. */
  created: Map<string, string>;
  /** Tasks whose "done" was acknowledged. */
  done: Set<string>;
  /** Commands that were answered, and how many tries had no answer. */
  answered: number;
  repeated: number;
  /** Resolves when a command that was sent from now on is acknowledged: it works again. */
  nextAnswer: () => Promise<void>;
  /** No new commands; resolves when the last one is answered. */
  stop: () => Promise<void>;
};

const PAUSE_MS = 25;
/** A command that has no answer for so long will not get one. */
const GIVE_UP_MS = 180_000;

/** @param restMs pause of each client after each answer */
export function startLoad(installation: Workplace, random: Random, clients: number, restMs = 0): Load {
  let stopping = false;
  let waiting: { since: number; tell: () => void }[] = [];
  const openTasks: string[] = [];
  let failure: Error | undefined;

  const assertAllIsWell = () => {
    if (failure !== undefined) throw failure;
  };

  const command = async (role: string, path: string, body: unknown, allowed: number[]) => {
    const key = randomUUID();
    let sentAt = 0;
    const answer = await until(
      async () => {
        sentAt = performance.now();
        const got = await installation.request(role, "POST", path, body, key).catch(() => undefined);
        // "Not known here (yet)" is what a service says of people who have just joined: the demo's, after the first start.
        if (got !== undefined && got.status !== 503 && got.body.code !== "unknown-user") return got;
        load.repeated++;
        return undefined;
      },
      { withinMs: GIVE_UP_MS, everyMs: PAUSE_MS, late: () => `no answer to ${path} any more:\n${installation.said()}` },
    );
    assert(allowed.includes(answer.status), `${path}: ${JSON.stringify(answer)}`);
    load.answered++;
    for (const one of waiting.filter(({ since }) => since <= sentAt)) one.tell();
    waiting = waiting.filter(({ since }) => since > sentAt);
    return answer;
  };

  const step = async () => {
    const kind = random.below(100);
    if (kind < 50 || openTasks.length === 0) {
      const title = `Task ${randomUUID()}`;
      const { body } = await command("worker", "/tasks", { title }, [201]);
      load.created.set(title, body.id);
      openTasks.push(body.id);
    } else if (kind < 95) {
      const [taskId] = openTasks.splice(random.below(openTasks.length), 1) as [string];
      // With its key, the repeat of a "done" whose answer was lost is answered as the first one was: never 409.
      await command("admin", `/tasks/${taskId}/complete`, {}, [200]);
      load.done.add(taskId);
    } else if (kind < 98) {
      await command("manager", "/shuffles", {}, [202]);
    } else {
      await endPeriod();
    }
  };

  const endPeriod = async () => {
    if (random.chance(0.5)) {
      // A repeat may move the clock twice; business time has no promise to keep here.
      await command("admin", "/clock", { to: null, bySeconds: 12 * 3_600 }, [200]);
      return;
    }
    const periods = await installation.request("accountant", "GET", "/periods?limit=3").catch(() => undefined);
    const open = periods?.body.items?.find(({ status }: { status: string }) => status === "open");
    if (open) await command("accountant", `/periods/${open.number}/close`, {}, [202, 409]);
  };

  const client = async () => {
    while (!stopping) {
      await step();
      await delay(restMs);
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client)).catch((error: unknown) => {
    failure = error as Error;
    stopping = true;
    for (const one of waiting.splice(0)) one.tell();
  });

  const load: Load = {
    created: new Map(),
    done: new Set(),
    answered: 0,
    repeated: 0,
    nextAnswer: async () => {
      assertAllIsWell();
      await new Promise<void>((tell) => waiting.push({ since: performance.now(), tell }));
      assertAllIsWell();
    },
    stop: async () => {
      stopping = true;
      await running;
      waiting = [];
      assertAllIsWell();
    },
  };
  return load;
}
