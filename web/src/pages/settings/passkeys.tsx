import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../../api/client.ts";
import type { operations } from "../../api/schema.gen.ts";
import { formatDay } from "../../format/days.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input } from "../../ui/parts.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import { passkeysQuery } from "./queries.ts";
import { Line, Lines, Section } from "./section.tsx";
import styles from "./settings.module.css";

type NewPasskey = operations["addPasskey"]["requestBody"]["content"]["application/json"]["response"];

/** Passkeys with which I sign in; the browser makes them, the password says that it is me. */
export function Passkeys() {
  const t = textOf("settings");
  const queries = useQueryClient();
  const passkeys = useQuery(passkeysQuery);
  const again = () => queries.invalidateQueries({ queryKey: passkeysQuery.queryKey });
  const add = useMutation({ mutationFn: addPasskey, onSuccess: again, onError: showError });
  const remove = useMutation({
    mutationFn: (passkeyId: string) =>
      ask(api.DELETE("/api/my/passkeys/{passkeyId}", { params: { path: { passkeyId } } })),
    onSuccess: again,
    onError: showError,
  });
  return (
    <Section title={t("passkeys")} about={t("passkeysAbout")}>
      <Lines query={passkeys} empty={t("noPasskeys")}>
        {passkeys.data?.items.map((one) => (
          <Line
            key={one.passkeyId}
            title={one.name}
            note={one.lastUsedOn === null ? t("neverUsed") : t("lastUsed", { day: formatDay(one.lastUsedOn) })}
          >
            <Button small look="danger" disabled={remove.isPending} onClick={() => remove.mutate(one.passkeyId)}>
              {t("remove")}
            </Button>
          </Line>
        ))}
      </Lines>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          // A password that has done its work does not stay on the screen.
          add.mutate(new FormData(form), { onSuccess: (added) => added && form.reset() });
        }}
      >
        <Field label={t("passkeyName")}>
          {(control) => <Input {...control} name="name" required maxLength={60} placeholder={t("passkeyExample")} />}
        </Field>
        <Field label={t("yourPassword")}>
          {(control) => <Input {...control} type="password" name="password" autoComplete="current-password" />}
        </Field>
        <Button type="submit" disabled={add.isPending}>
          {t("addPasskey")}
        </Button>
      </form>
    </Section>
  );
}

/** Whether there is one more now. */
async function addPasskey(form: FormData): Promise<boolean> {
  const t = textOf("settings");
  const [name, password] = ["name", "password"].map((field) => {
    const value = form.get(field);
    return typeof value === "string" ? value : "";
  });
  const begun = await ask(api.POST("/api/my/passkeys/options", { body: password ? { password } : {} }));
  if (begun.outcome !== "done" || begun.options === null) {
    showToast({
      text: begun.outcome === "wait" ? t("wait", { count: begun.waitSeconds }) : t("wrongPassword"),
      tone: "neg",
    });
    return false;
  }
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    begun.options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  // Null or an error: the person thought better of it.
  const made = await navigator.credentials.create({ publicKey }).catch(() => null);
  if (!(made instanceof PublicKeyCredential)) return false;
  const response = made.toJSON() as unknown as NewPasskey;
  await ask(api.POST("/api/my/passkeys", { body: { name: name ?? "", response } }));
  return true;
}
