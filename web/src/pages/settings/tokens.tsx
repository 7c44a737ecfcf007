import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client.ts";
import { everyOf } from "../../api/every-of.ts";
import type { operations } from "../../api/schema.gen.ts";
import { formatInstant } from "../../format/dates.ts";
import { formatDay } from "../../format/days.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input, Select } from "../../ui/parts.tsx";
import { explain } from "../../ui/states.tsx";
import { showError } from "../../ui/toast.ts";
import { tokensQuery } from "./queries.ts";
import { Line, Lines, Section } from "./section.tsx";
import styles from "./settings.module.css";

type NewTokenBody = operations["createMyToken"]["requestBody"]["content"]["application/json"];
const scopes = everyOf<NewTokenBody["scopes"][number]>({
  tasks: 1,
  account: 1,
  accounts: 1,
  analytics: 1,
  people: 1,
  operations: 1,
});
const lifetimes = [7, 30, 90] as const;

/** Personal access tokens: for scripts, never more than their owner may. */
export function Tokens() {
  const t = textOf("settings");
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const tokens = useQuery(tokensQuery);
  const revoke = useMutation({
    mutationFn: (tokenId: string) => ask(api.DELETE("/api/my/tokens/{tokenId}", { params: { path: { tokenId } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensQuery.queryKey }),
    onError: showError,
  });
  return (
    <Section title={t("tokens")} about={t("tokensAbout")}>
      <Lines query={tokens} empty={t("noTokens")}>
        {tokens.data?.items.map((one) => (
          <Line
            key={one.tokenId}
            title={one.name}
            note={
              <>
                {one.scopes.map((scope) => t(`scope.${scope}`)).join(", ")} ·{" "}
                {t("until", { time: formatInstant(one.expiresAt) })} ·{" "}
                {one.lastUsedOn === null ? t("neverUsed") : t("lastUsed", { day: formatDay(one.lastUsedOn) })}
              </>
            }
          >
            <Button small look="danger" disabled={revoke.isPending} onClick={() => revoke.mutate(one.tokenId)}>
              {t("endToken")}
            </Button>
          </Line>
        ))}
      </Lines>
      <Button onClick={() => setMaking(true)}>{t("makeToken")}</Button>
      {making && <NewToken onClose={() => setMaking(false)} />}
    </Section>
  );
}

function NewToken({ onClose }: { onClose: () => void }) {
  const t = textOf("settings");
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: (form: FormData) => {
      const name = form.get("name");
      return ask(
        api.POST("/api/my/tokens", {
          body: {
            name: typeof name === "string" ? name : "",
            days: Number(form.get("days")),
            scopes: scopes.filter((scope) => form.has(scope)),
          },
        }),
      );
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  if (make.data !== undefined) {
    return (
      <Dialog title={make.data.name} onClose={onClose}>
        <p>{t("tokenOnce")}</p>
        <code className={styles.secret}>{make.data.token}</code>
        <DialogActions>
          <Button look="primary" onClick={onClose}>
            {t("kept")}
          </Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("makeToken")} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate(new FormData(event.currentTarget));
        }}
      >
        <Field label={t("tokenName")}>{(control) => <Input {...control} name="name" required maxLength={60} />}</Field>
        <Field label={t("tokenDays")}>
          {(control) => (
            <Select {...control} name="days" defaultValue="30">
              {lifetimes.map((days) => (
                <option key={days} value={days}>
                  {t("days", { count: days })}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <fieldset className={styles.checks}>
          <legend>{t("tokenScopes")}</legend>
          {scopes.map((scope) => (
            <label key={scope}>
              <input type="checkbox" name={scope} defaultChecked={scope === "tasks"} />
              {t(`scope.${scope}`)}
            </label>
          ))}
        </fieldset>
        {make.isError && (
          <p className={ui.wrong} role="alert">
            {explain(make.error)}
          </p>
        )}
        <DialogActions>
          <Button look="ghost" onClick={onClose}>
            {textOf("ui")("cancel")}
          </Button>
          <Button type="submit" look="primary" disabled={make.isPending}>
            {t("makeToken")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
