import { useMutation } from "@tanstack/react-query";
import { api, ask } from "../../api/client.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input } from "../../ui/parts.tsx";
import { ui } from "../../ui/classes.ts";
import { explain } from "../../ui/states.tsx";
import { Section } from "./section.tsx";
import styles from "./settings.module.css";

const textIn = (form: FormData, name: string) => {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
};

/** All sessions end with the change, this one too. */
export function Password() {
  const t = textOf("settings");
  const change = useMutation({
    mutationFn: (form: FormData) =>
      ask(api.POST("/api/my/password", { body: { old: textIn(form, "old"), new: textIn(form, "new") } })),
    onSuccess: ({ outcome }) => {
      if (outcome === "done") location.reload();
    },
  });
  const { data } = change;
  const wrong =
    data?.outcome === "wrong-password"
      ? t("wrongPassword")
      : data?.outcome === "wait"
        ? t("wait", { count: data.waitSeconds })
        : undefined;
  return (
    <Section title={t("password")} about={t("passwordAbout")}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(new FormData(event.currentTarget));
        }}
      >
        <Field label={t("oldPassword")} {...(wrong !== undefined && { wrong })}>
          {(control) => <Input {...control} type="password" name="old" required autoComplete="current-password" />}
        </Field>
        <Field label={t("newPassword")}>
          {(control) => <Input {...control} type="password" name="new" required autoComplete="new-password" />}
        </Field>
        {change.isError && (
          <p className={ui.wrong} role="alert">
            {explain(change.error)}
          </p>
        )}
        <Button type="submit" disabled={change.isPending}>
          {t("changePassword")}
        </Button>
      </form>
    </Section>
  );
}
