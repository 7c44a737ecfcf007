/** Everything that can be done or gone to, by a few letters. */
import { Autocomplete } from "@base-ui/react/autocomplete";
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
import { useState } from "react";
import { api, ask } from "../api/client.ts";
import { may, useMe } from "../data/people.ts";
import { nameOf } from "../data/tasks.ts";
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

export default function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const t = textOf("shell");
  const me = useMe();
  const theme = useTheme();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const found = useFound(text.trim(), may(me.roles, "accounts"));
  const go = (to: string) => () => void navigate({ to });

  const actions: Item[] = [
    { id: "new", text: t("keys.newTask"), icon: CirclePlus, keys: "KeyC", run: go("/tasks/new") },
    ...(may(me.roles, "shuffle")
      ? [
          {
            id: "shuffle",
            text: t("keys.shuffle"),
            icon: Shuffle,
            keys: "Shift+KeyS",
            run: () => void navigate({ to: "/tasks", search: { shuffle: true } }),
          },
        ]
      : []),
    { id: "theme", text: t("switchTheme"), icon: Moon, run: () => setTheme(theme === "dark" ? "light" : "dark") },
    {
      id: "language",
      text: t("switchLanguage"),
      icon: Languages,
      run: () => setLanguage(language === "ru" ? "en" : "ru"),
    },
    { id: "keys", text: t("keys.title"), icon: Keyboard, keys: "Shift+Slash", run: onKeys },
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
    { value: t("byId"), items: byId(words) },
    { value: t("actions"), items: actions.filter(fits) },
    { value: t("goTo"), items: goTo.filter(fits) },
    {
      value: t("tasks"),
      items: found.tasks.map((task) => ({
        id: task.id,
        text: task.title,
        note: nameOf(task),
        icon: ListChecks,
        run: go(`/tasks/${task.id}`),
      })),
    },
    {
      value: t("people"),
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
      const task: Item = { id, text: t("openTask"), note: id, icon: ListChecks, run: go(`/tasks/${id}`) };
      const openTrace = () => void navigate({ to: "/explain", search: { trace: id } });
      const trace: Item = { id: `trace ${id}`, text: t("openTrace"), note: id, icon: Waypoints, run: openTrace };
      return may(me.roles, "admin") ? [task, trace] : [task];
    }
    if (entryId.test(id)) return [{ id, text: t("openEntry"), note: id, icon: Waypoints, run: go(`/explain/${id}`) }];
    return [];
  }

  const pick = (item: Item) => {
    onClose();
    item.run();
  };
  return (
    <Dialog title={t("palette")} hideTitle bare wide onClose={onClose}>
      <Autocomplete.Root
        open
        inline
        items={groups}
        filter={null}
        value={text}
        onValueChange={(value) => setText(value)}
        autoHighlight="always"
        keepHighlight
        itemToStringValue={(item: Item) => item.text}
      >
        <Autocomplete.Input className={styles.input} placeholder={t("paletteHint")} aria-label={t("paletteHint")} />
        <Autocomplete.List className={styles.list}>
          {(group: Group) => (
            <Autocomplete.Group key={group.value} items={group.items}>
              <Autocomplete.GroupLabel className={styles.label}>{group.value}</Autocomplete.GroupLabel>
              <Autocomplete.Collection>
                {(item: Item) => (
                  <Autocomplete.Item key={item.id} value={item} onClick={() => pick(item)} className={styles.item}>
                    <item.icon size={16} strokeWidth={1.75} aria-hidden="true" />
                    <span>{item.text}</span>
                    {item.note !== undefined && <small>{item.note}</small>}
                    {item.keys !== undefined && <Keys keys={item.keys} />}
                  </Autocomplete.Item>
                )}
              </Autocomplete.Collection>
            </Autocomplete.Group>
          )}
        </Autocomplete.List>
        <Autocomplete.Empty>{groups.length === 0 && <p className={styles.empty}>{t("nothing")}</p>}</Autocomplete.Empty>
      </Autocomplete.Root>
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
