/** Small made-up services for the tests of the platform: `notes` writes, `ears` hears and writes down what it heard. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import { pino } from "pino";
import { Type } from "typebox";
import { allContracts } from "../../src/app/services.ts";
import { type Consumer, type Ctx, consumer, type Service } from "../../src/platform/service.ts";
import { defineEvent } from "../../src/platform/contract.ts";
import type { ActorName, Received } from "../../src/platform/event.ts";
import type { Route } from "../../src/platform/http/route.ts";
import { connectionOf } from "../../src/platform/migrate.ts";
import { type RunningService, runService } from "../../src/platform/run-service.ts";
import { startTestApp, type TestApp, type TestOptions } from "../kit/app.ts";

export const noteWritten = defineEvent({
  type: "note.written",
  source: "notes",
  kind: "business",
  summary: "A note was written; n counts the notes of its key.",
  key: "noteId",
  data: Type.Object({ noteId: Type.String(), n: Type.Integer(), text: Type.String() }),
});

export const noteRead = defineEvent({
  type: "note.read",
  source: "notes",
  kind: "business",
  summary: "A note was read.",
  key: "noteId",
  data: Type.Object({ noteId: Type.String() }),
});

export const dayEnded = defineEvent({
  type: "day.ended",
  source: "notes",
  kind: "barrier",
  summary: "All notes of the period stand before this.",
  key: null,
  data: Type.Object({ period: Type.Integer() }),
});

export const system: ActorName = "system:test";

const folder = mkdtempSync(join(tmpdir(), "popug-migrations-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
let folders = 0;

/** A folder with the given migrations; `name` is part of the name under which they are remembered. */
export function migrationsOf(name: string, files: Record<string, string>): URL {
  const path = join(folder, String(++folders), name, "migrations");
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return pathToFileURL(`${path}/`);
}

/** The writer. */
export function notes(routes: Route[] = []): Service {
  return {
    name: "notes",
    migrations: [migrationsOf("notes", { "001-note.sql": "create table note (id text primary key, n int not null);" })],
    publishes: [noteWritten, noteRead, dayEnded],
    consumers: [],
    jobs: [],
    routes,
  };
}

export type Note = Received<typeof noteWritten>;
type Handle = (ctx: Ctx, events: Note[]) => Promise<void>;

/** Writes down what it hears, without any guard of its own: what is heard twice stands there twice. */
export const writeDown: Handle = async (ctx, events) => {
  for (const event of events) {
    await ctx.sql("insert into heard (partition, position, key, n, text) values ($1, $2, $3, $4, $5)", [
      event.partition,
      event.position,
      event.key,
      event.data.n,
      event.data.text,
    ]);
  }
};

/** The hearer. */
export function ears(handle: Handle = writeDown, more: Partial<Consumer> = {}): Service {
  return {
    name: "ears",
    migrations: [
      migrationsOf("ears", {
        "001-heard.sql": `create table heard (at bigint generated always as identity, partition int, position bigint,
           key text, n int, text text);`,
      }),
    ],
    publishes: [],
    consumers: [
      consumer({
        name: "on-note",
        source: "notes",
        events: [noteWritten],
        command: "test.hear",
        handle: handle as Consumer["handle"],
        ...more,
      }) as Consumer,
    ],
    jobs: [],
    routes: [],
  };
}

export type Letter = { id: string; key: string; status: string; reason: string; position: number; attempts: number };

export type Small = TestApp & {
  notes: RunningService;
  /** One transaction that writes notes: `[key, n, text?, period?]`. */
  write: (...list: [key: string, n: number, text?: string, period?: number][]) => Promise<void>;
  /** What `ears` wrote down, in the order of writing: `key n`. */
  heard: () => Promise<string[]>;
  letters: () => Promise<Letter[]>;
  /** Another copy of a service (or another version of it) on the same database; it moves only by its parts. */
  copyOf: (service: Service) => RunningService;
  part: (service: string, part: string) => Promise<number>;
};

const log = pino({ level: process.env["POPUG_LOG"] ?? "silent" });

/** Starts them on a database of their own; nothing moves by itself. */
export async function startSmall(
  options: TestOptions & { handle?: Handle; consumer?: Partial<Consumer>; routes?: Route[] } = {},
): Promise<Small> {
  const { handle, consumer: more, routes, ...rest } = options;
  const services = options.services ?? [notes(routes), ears(handle, more)];
  const test = await startTestApp({ loops: false, ...rest, services });
  const copies: RunningService[] = [];
  after(async () => {
    for (const copy of copies) await copy.stop();
    await test.stop();
  });
  const running = (name: string) => test.app.services.get(name) as RunningService;
  return {
    ...test,
    notes: running("notes"),
    write: (...list) =>
      running("notes").tools.transact("test.write", system, async (ctx) => {
        for (const [noteId, n, text = "", period] of list) {
          ctx.emit(noteWritten, { noteId, n, text }, { ...(period !== undefined && { period }) });
        }
      }),
    heard: async () =>
      (await test.sql("ears")<{ note: string }>("select key || ' ' || n as note from heard order by at")).map(
        (row) => row.note,
      ),
    letters: () =>
      test.sql("ears")<Letter>(
        `select id, key, status, reason, position, attempts from dead_letter order by partition, position, consumer`,
      ),
    copyOf: (service) => {
      const copy = runService(service, {
        connection: connectionOf(test.app.homes.of(service.name).installation, service.name),
        poolSize: 4,
        log,
        contracts: allContracts(services),
        ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
      });
      copies.push(copy);
      return copy;
    },
    part: async (service, part) => {
      const pass = running(service).parts.get(part);
      if (pass === undefined) throw new Error(`${service} has no ${part}`);
      return pass();
    },
  };
}
