import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ask } from "../../api/client.ts";
import { Problem } from "../../api/problem.ts";
import type { CompanySettings } from "../../data/company-settings.ts";
import { countsQuery } from "../../data/tasks.ts";
import { locale } from "../../format/language.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Field, Input, Select } from "../../ui/parts.tsx";
import { explain } from "../../ui/states.tsx";
import { showToast } from "../../ui/toast.ts";
import styles from "./company-settings.module.css";
import { changedSettings } from "./settings-diff.ts";

const currencies = Intl.supportedValuesOf("currency");
const currencyNames = new Intl.DisplayNames(locale, { type: "currency" });
const zones = Intl.supportedValuesOf("timeZone");

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== undefined;
  } catch {
    return false;
  }
}

/** What counts from the next day on. */
export function SettingsForm({ next }: { next: CompanySettings }) {
  const t = textOf("company-settings");
  const queries = useQueryClient();
  const [wish, setWish] = useState(next);
  const { data: counts } = useQuery(countsQuery);
  const hasTasks = counts === undefined || counts.open + counts.done > 0;
  const changed = changedSettings(next, wish);
  const save = useMutation({
    mutationFn: () =>
      ask(api.PATCH("/api/settings", { body: Object.fromEntries(changed.map((name) => [name, wish[name]])) })),
    onSuccess: async () => {
      showToast({ text: t("saved"), note: t("savedAbout") });
      await queries.invalidateQueries({ queryKey: ["settings"] });
    },
  });
  const set = (part: Partial<CompanySettings>) => {
    save.reset();
    setWish({ ...wish, ...part });
  };
  const wrongRange = (name: "feeRange" | "rewardRange") =>
    wish[name].from > wish[name].to ? t("wrongRange") : undefined;
  const wrongZone = isZone(wish.timeZone) ? undefined : t("wrongZone");
  const isWrong =
    wrongZone !== undefined || wrongRange("feeRange") !== undefined || wrongRange("rewardRange") !== undefined;
  const refusal =
    save.error instanceof Problem && save.error.code === "currency-fixed" ? t("currencyFixed") : explain(save.error);

  const range = (name: "feeRange" | "rewardRange") => (
    <fieldset className={styles.range}>
      <legend>{t(name)}</legend>
      <div>
        {(["from", "to"] as const).map((end) => (
          <Field key={end} label={t(end)} wrong={end === "to" ? wrongRange(name) : undefined}>
            {(control) => (
              <Input
                {...control}
                type="number"
                inputMode="numeric"
                required
                min={1}
                max={999_999_999}
                value={wish[name][end] === 0 ? "" : wish[name][end]}
                onChange={(event) => set({ [name]: { ...wish[name], [end]: Math.trunc(Number(event.target.value)) } })}
              />
            )}
          </Field>
        ))}
        <span aria-hidden="true">{wish.currency}</span>
      </div>
    </fieldset>
  );

  return (
    <form
      className={styles.form}
      aria-label={t("form")}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <p className={ui.hint}>{t("about")}</p>
      {range("feeRange")}
      {range("rewardRange")}
      <Field label={t("closesAt")} hint={t("closesAtHint")}>
        {(control) => (
          <Input
            {...control}
            type="time"
            required
            value={wish.closesAt}
            onChange={(event) => set({ closesAt: event.target.value })}
          />
        )}
      </Field>
      <Field label={t("timeZone")} hint={t("timeZoneHint")} wrong={wrongZone}>
        {(control) => (
          <>
            <Input
              {...control}
              required
              list="company-zones"
              autoComplete="off"
              spellCheck={false}
              value={wish.timeZone}
              onChange={(event) => set({ timeZone: event.target.value.trim() })}
            />
            <datalist id="company-zones">
              {zones.map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field label={t("currency")} hint={t(hasTasks ? "currencyFixed" : "currencyHint")}>
        {(control) => (
          <Select
            {...control}
            disabled={hasTasks}
            value={wish.currency}
            onChange={(event) => set({ currency: event.target.value })}
          >
            {currencies.map((code) => (
              <option key={code} value={code}>
                {`${code} · ${currencyNames.of(code) ?? code}`}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {save.isError && (
        <p className={ui.wrong} role="alert">
          {refusal}
        </p>
      )}
      <div className={styles.actions}>
        <Button type="submit" look="primary" disabled={changed.length === 0 || isWrong || save.isPending}>
          {t("save")}
        </Button>
        {changed.length > 0 && <Button onClick={() => set(next)}>{t("reset")}</Button>}
      </div>
    </form>
  );
}
