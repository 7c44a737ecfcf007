import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "../../api/client.ts";
import type { operations } from "../../api/schema.gen.ts";
import type { LettersSearch } from "./route.ts";

export type Letter = operations["listDeadLetters"]["responses"][200]["content"]["application/json"]["items"][number];
/** Letters of one consumer that failed alike. */
export type LetterGroup = { id: string; service: string; consumer: string; reason: string; letters: Letter[] };

const PAGE = 500;
/** Beyond this a person does not look any more, and the rest comes up when these are gone. */
const MAX_PAGES = 10;
/** No event says that one was applied after all; a parked one also goes by itself, behind the one before it. */
const AGAIN_MS = 5_000;

export const lettersQuery = (status: LettersSearch["status"]) =>
  queryOptions({
    queryKey: ["dead-letters", status ?? "open"],
    queryFn: async () => {
      const letters: Letter[] = [];
      let cursor: string | null | undefined;
      for (let pages = 0; cursor !== null && pages < MAX_PAGES; pages++) {
        const query = { limit: PAGE, ...(status && { status }), ...(cursor && { cursor }) };
        const page = await ask(api.GET("/api/dead-letters", { params: { query } }));
        letters.push(...page.items);
        cursor = page.nextCursor;
      }
      return letters;
    },
    refetchInterval: ({ state }) => (state.data?.some(isOpen) === true ? AGAIN_MS : false),
  });

/** Ids and numbers say which event it was, not what went wrong: without them, errors of one kind are one group. */
const kindOf = (reason: string) =>
  reason.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, "…").replaceAll(/\d+/g, "#");

export function groupsOf(letters: readonly Letter[]): LetterGroup[] {
  const groups = new Map<string, LetterGroup>();
  for (const letter of letters) {
    const id = `${letter.service} ${letter.consumer} ${kindOf(letter.reason)}`;
    const { service, consumer, reason } = letter;
    const group = groups.get(id) ?? { id, service, consumer, reason, letters: [] };
    group.letters.push(letter);
    groups.set(id, group);
  }
  return [...groups.values()].toSorted((a, b) => b.letters.length - a.letters.length);
}

/** Those that somebody can do something about; parked ones follow the event before them. */
export const canBeTried = ({ status }: Letter) => status === "dead" || status === "deferred";

const isOpen = (letter: Letter) => canBeTried(letter) || letter.status === "parked";

export const redrive = ({ service, id }: Letter, data?: Record<string, unknown>) =>
  ask(
    api.POST("/api/dead-letters/{service}/{letterId}/redrive", {
      params: { path: { service, letterId: id } },
      body: data === undefined ? {} : { data },
    }),
  );

export const discard = ({ service, id }: Letter, reason: string) =>
  ask(
    api.POST("/api/dead-letters/{service}/{letterId}/discard", {
      params: { path: { service, letterId: id } },
      body: { reason },
    }),
  );
