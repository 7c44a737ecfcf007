/**
 * Texts by namespace (one per page) and key. A key or a plural form that is missing, or a value that a text needs and
 * does not get, is a compile error. Only the language and the namespaces in use are loaded.
 */
import { language, locale } from "../format/language.ts";
import { formatCount } from "../format/numbers.ts";
import type { Texts } from "./namespaces.ts";

export type Namespace = keyof Texts;
/** All but what every page shows, which comes with the language itself. */
export type PageNamespace = Exclude<Namespace, "shell" | "ui">;

type Plural = "one" | "few" | "many" | "other";
type Unplural<K extends string> = K extends `${infer Base}_${Plural}` ? Base : K;
/** Keys without their plural endings: `shown_one` and `shown_other` are asked for as `shown`. */
export type Key<N extends Namespace> = Unplural<keyof Texts[N] & string>;
type Raw<T, K extends string> = K extends keyof T ? T[K] : `${K}_other` extends keyof T ? T[`${K}_other`] : never;
type Names<S> = S extends `${string}{{${infer Name}}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<S> = [Names<S>] extends [never]
  ? []
  : [values: { [V in Names<S>]: V extends "count" ? number : string | number }];
export type Translate<N extends Namespace> = <K extends Key<N>>(key: K, ...values: Values<Raw<Texts[N], K>>) => string;

/** What a Russian file has to hold for an English one: the same keys, and of each plural the three forms of Russian. */
export type Russian<E> = { [K in keyof E & string as K extends `${string}_${"one" | "other"}` ? never : K]: string } & {
  [K in keyof E & string as K extends `${infer Base}_other` ? `${Base}_${"one" | "few" | "many"}` : never]: string;
};

/** A language: the texts of the frame, and where those of the pages are. */
const words = language === "ru" ? import("./ru.ts") : import("./en.ts");

const loaded = new Map<Namespace, Record<string, string>>();
const loading = new Map<Namespace, Promise<void>>();

/** Has to be done before anything is drawn. */
export async function loadFrameText(): Promise<void> {
  for (const [namespace, texts] of Object.entries((await words).frame)) loaded.set(namespace as Namespace, texts);
}

/** Has to be done before `textOf` of that namespace: routes do it in their loader. */
export function loadText(...namespaces: PageNamespace[]): Promise<unknown> {
  return Promise.all(
    namespaces.map((namespace) => {
      let one = loading.get(namespace);
      if (one === undefined) {
        one = (async () => {
          const texts = await (await words).ofPages[`./${language}/${namespace}.ts`]?.();
          loaded.set(namespace, texts?.default ?? {});
        })();
        loading.set(namespace, one);
      }
      return one;
    }),
  );
}

/** A module once its texts are there too: for `lazy`. */
export async function withText<M>(module: Promise<M>, ...namespaces: PageNamespace[]): Promise<M> {
  await loadText(...namespaces);
  return module;
}

const plural = new Intl.PluralRules(locale);
type Given = Record<string, string | number>;

/** Of a plural, the form of the count; values in their places, numbers as the language writes them. */
function say(texts: Record<string, string>, key: string, values: Given | undefined): string {
  const count = values?.["count"];
  const form = typeof count === "number" ? texts[`${key}_${plural.select(count)}`] : undefined;
  const text = form ?? texts[key] ?? texts[`${key}_other`] ?? key;
  if (values === undefined) return text;
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === "number" ? formatCount(value) : (value ?? "");
  });
}

const translators = new Map<Namespace, unknown>();

/** The texts of a namespace that is loaded: `const t = textOf("tasks"); t("shown", { count: 3 })`. */
export function textOf<N extends Namespace>(namespace: N): Translate<N> {
  let t = translators.get(namespace) as Translate<N> | undefined;
  if (t === undefined) {
    t = (key: string, values?: Given) => say(loaded.get(namespace) ?? {}, key, values);
    translators.set(namespace, t);
  }
  return t;
}
