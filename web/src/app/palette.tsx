/** Everything that can be done or gone to, by a few letters. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import {
  CirclePlus,
  CircleUser,
  Keyboard,
  Languages,
  ListChecks,
  LogOut,
  type LucideIcon,
  Moon,
  Shuffle,
  Waypoints,
} from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { api, ask } from "../api/client.ts";
import { may, useMe } from "../data/people.ts";
import { nameOf } from "../data/task-details.ts";
import { language, setLanguage } from "../format/language.ts";
import { textOf } from "../i18n/text.ts";
import { Keys } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { placesFor } from "./menu.ts";
import styles from "./palette.module.css";
import { signOut } from "./sign-out.ts";
import { setTheme, useTheme } from "./theme.ts";

type Item = { id: string; text: string; note?: string; icon: LucideIcon; keys?: string; run: () => void };
type Group = { value: string; items: Item[] };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const entryId = /^\d+-[a-z]+-\d+-\d+-\d+-\d+$/;
const FOUND = 6;

const intoView = (option: HTMLElement | null) => option?.scrollIntoView({ block: "nearest" });

export default function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const t = textOf("shell");
  const o = textOf("overlays");
  const me = useMe();
  const theme = useTheme();
  const navigate = useNavigate();
  const id = useId();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = useFound(text.trim(), may(me.roles, "accounts"));
  const go = (to: string) => () => void navigate({ to });

  const actions: Item[] = [
    { id: "new", text: t("keys.newTask"), icon: CirclePlus, keys: "KeyC", run: go("/tasks/new") },
    ...(may(me.roles, "shuffle")
      ? [
          {
            id: "shuffle",
            text: o("keys.shuffle"),
            icon: Shuffle,
            keys: "Shift+KeyS",
            run: () => void navigate({ to: "/tasks", search: { shuffle: true } }),
          },
        ]
      : []),
    { id: "theme", text: o("switchTheme"), icon: Moon, run: () => setTheme(theme === "dark" ? "light" : "dark") },
    {
      id: "language",
      text: o("switchLanguage"),
      icon: Languages,
      run: () => setLanguage(language === "ru" ? "en" : "ru"),
    },
    { id: "keys", text: o("keys.title"), icon: Keyboard, keys: "Shift+Slash", run: onKeys },
    { id: "out", text: t("signOut"), icon: LogOut, run: () => void signOut() },
  ];
  const goTo: Item[] = placesFor(me.roles).map((place) => ({
    id: place.name,
    text: t(`place.${place.name}`),
    icon: place.icon,
    ...(place.keys !== undefined && { keys: place.keys }),
    run: go(place.to),
  }));
  const words = text.trim().toLocaleLowerCase();
  const fits = (item: Item) => item.text.toLocaleLowerCase().includes(words);
  const groups: Group[] = [
    { value: o("byId"), items: byId(words) },
    { value: o("actions"), items: actions.filter(fits) },
    { value: o("goTo"), items: goTo.filter(fits) },
    {
      value: o("tasks"),
      items: found.tasks.map((task) => ({
        id: task.id,
        text: task.title,
        note: nameOf(task),
        icon: ListChecks,
        run: go(`/tasks/${task.id}`),
      })),
    },
    {
      value: o("people"),
      items: found.people.map((person) => ({
        id: person.userId,
        text: person.name,
        note: person.login,
        icon: CircleUser,
        run: go(`/accounts/${person.userId}`),
      })),
    },
  ].filter((group) => group.items.length > 0);

  function byId(id: string): Item[] {
    if (uuid.test(id)) {
      const task: Item = { id, text: o("openTask"), note: id, icon: ListChecks, run: go(`/tasks/${id}`) };
      const openTrace = () => void navigate({ to: "/explain", search: { trace: id } });
      const trace: Item = { id: `trace ${id}`, text: o("openTrace"), note: id, icon: Waypoints, run: openTrace };
      return may(me.roles, "admin") ? [task, trace] : [task];
    }
    if (entryId.test(id)) return [{ id, text: o("openEntry"), note: id, icon: Waypoints, run: go(`/explain/${id}`) }];
    return [];
  }

  const items = groups.flatMap((group) => group.items);
  const at = Math.min(chosen, Math.max(0, items.length - 1));
  const pick = (item: Item) => {
    onClose();
    item.run();
  };
  const onKey = (event: KeyboardEvent) => {
    const item = items[at];
    if (event.nativeEvent.isComposing || item === undefined) return;
    if (event.key === "ArrowDown") setChosen((at + 1) % items.length);
    else if (event.key === "ArrowUp") setChosen((at + items.length - 1) % items.length);
    else if (event.key === "Enter") pick(item);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={o("palette")} hideTitle bare wide onClose={onClose}>
      <input
        // biome-ignore lint/a11y/noAutofocus: whoever opened it is about to type
        autoFocus
        className={styles.input}
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={items.length > 0 ? `${id}-${at}` : undefined}
        aria-label={o("paletteHint")}
        placeholder={o("paletteHint")}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKey}
      />
      <div className={styles.list} id={id} role="listbox" aria-label={o("palette")}>
        {groups.map((group) => (
          <div key={group.value} role="group" aria-label={group.value}>
            <div className={styles.label} aria-hidden="true">
              {group.value}
            </div>
            {group.items.map((item) => {
              const index = items.indexOf(item);
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys, as a combobox does
                <div
                  key={item.id}
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === at}
                  ref={index === at ? intoView : undefined}
                  className={styles.item}
                  onPointerMove={() => setChosen(index)}
                  onClick={() => pick(item)}
                >
                  <item.icon size={16} strokeWidth={1.75} aria-hidden="true" />
                  <span>{item.text}</span>
                  {item.note !== undefined && <small>{item.note}</small>}
                  {item.keys !== undefined && <Keys keys={item.keys} />}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {items.length === 0 && (
        <p className={styles.empty} role="status">
          {o("nothing")}
        </p>
      )}
    </Dialog>
  );
}

/** Tasks by text, number or id, and people for those who may see them. */
function useFound(text: string, seesAccounts: boolean) {
  const enabled = text.length >= 2;
  const { data: tasks = [] } = useQuery({
    queryKey: ["found", "tasks", text],
    queryFn: async () => (await ask(api.GET("/api/tasks", { params: { query: { q: text, limit: FOUND } } }))).items,
    enabled,
  });
  const { data: people = [] } = useQuery({
    queryKey: ["found", "people", text],
    queryFn: async () =>
      (await ask(api.GET("/api/account-lines", { params: { query: { q: text, limit: FOUND } } }))).items,
    enabled: enabled && seesAccounts,
  });
  return { tasks, people };
}
