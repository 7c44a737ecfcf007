/** The frame of all views of this page: one field that takes any id. */
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { api, ask } from "../../api/client.ts";
import { PageFrame } from "../../app/page-frame.tsx";
import { useMay } from "../../data/people.ts";
import { textOf } from "../../i18n/text.ts";
import { useShortcuts } from "../../keys/keyboard.ts";
import { Button } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { SearchInput } from "../../ui/parts.tsx";
import styles from "./explain.module.css";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const entry = /^\d+-[a-z]+-\d+-\d+-\d+-\d+$/;

export function ExplainFrame({ asked = "", children }: { asked?: string; children: ReactNode }) {
  const t = textOf("explain");
  const find = useFind();
  const [text, setText] = useState(asked);
  const [missing, setMissing] = useState(false);
  useShortcuts([{ keys: "Slash", label: t("find"), run: () => document.getElementById("explain-search")?.focus() }]);
  return (
    <PageFrame area="operations" title={t("title")}>
      <search>
        <form
          className={styles.find}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            void find(text.trim()).then((found) => setMissing(!found));
          }}
        >
          <SearchInput
            id="explain-search"
            aria-label={t("find")}
            placeholder={t("find")}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setMissing(false);
            }}
          />
          <Button type="submit" look="primary" disabled={text.trim() === ""}>
            {t("show")}
          </Button>
        </form>
      </search>
      {missing && (
        <p className={ui.wrong} role="alert">
          {t("notFound")}
        </p>
      )}
      {children}
    </PageFrame>
  );
}

/** Goes to what an id means; false: it means nothing here. */
function useFind(): (text: string) => Promise<boolean> {
  const navigate = useNavigate();
  const isAdmin = useMay("admin");
  const seesAccounts = useMay("accounts");
  return async (text) => {
    if (entry.test(text)) {
      await navigate({ to: "/explain/$entryId", params: { entryId: text } });
      return true;
    }
    if (uuid.test(text)) {
      const isTask = await ask(api.GET("/api/tasks/{taskId}", { params: { path: { taskId: text } } })).catch(
        () => false,
      );
      if (isTask === false && !isAdmin) return false;
      await navigate({ to: "/explain", search: isTask === false ? { trace: text } : { task: text } });
      return true;
    }
    const number = /(\d+)$/.exec(text)?.[1];
    const page = await ask(api.GET("/api/tasks", { params: { query: { q: number ?? text, limit: 100 } } }));
    const task = page.items.find((one) => String(one.number) === number) ?? page.items[0];
    if (task !== undefined) {
      await navigate({ to: "/explain", search: { task: task.id } });
      return true;
    }
    const [person] = seesAccounts
      ? (await ask(api.GET("/api/account-lines", { params: { query: { q: text, limit: 1 } } }))).items
      : [];
    if (person === undefined) return false;
    await navigate({ to: "/accounts/$userId", params: { userId: person.userId } });
    return true;
  };
}
