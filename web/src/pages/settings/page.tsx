import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client.ts";
import { Absences } from "../../absences/absences.tsx";
import { PageFrame } from "../../app/page-frame.tsx";
import { signOut } from "../../app/sign-out.ts";
import { setTheme, type Theme } from "../../app/theme.ts";
import { absencesQuery } from "../../data/absences.ts";
import { useBillingZone } from "../../data/business-day.ts";
import { isDrawn, meQuery, useMe } from "../../data/people.ts";
import { ownZone, setOwnZone } from "../../format/dates.ts";
import { type Language, language, setLanguage } from "../../format/language.ts";
import { textOf } from "../../i18n/text.ts";
import { Button, Keys } from "../../ui/button.tsx";
import { Select, Tabs } from "../../ui/parts.tsx";
import { LoadingRows } from "../../ui/states.tsx";
import { showError } from "../../ui/toast.ts";
import { Applications } from "./applications.tsx";
import { Mails } from "./mails.tsx";
import { Passkeys } from "./passkeys.tsx";
import { Password } from "./password.tsx";
import { applicationsQuery, mailChoicesQuery, passkeysQuery, sessionsQuery, tokensQuery } from "./queries.ts";
import { Section } from "./section.tsx";
import { Sessions } from "./sessions.tsx";
import styles from "./settings.module.css";
import { Tokens } from "./tokens.tsx";

/** In which zone times are shown; the business day keeps the company's. */
function Zone() {
  const t = textOf("settings");
  const billing = useBillingZone();
  const system = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [...new Set([ownZone, billing, "UTC"])].filter((zone) => zone !== undefined);
  return (
    <Section title={t("zone")} about={t("zoneAbout", { zone: billing ?? "" })}>
      <Select
        aria-label={t("zone")}
        className={styles.select}
        value={ownZone ?? ""}
        onChange={(event) => setOwnZone(event.target.value || undefined)}
      >
        <option value="">{t("zone.system", { zone: system })}</option>
        {zones.map((zone) => (
          <option key={zone} value={zone}>
            {zone}
          </option>
        ))}
      </Select>
    </Section>
  );
}

/** In which language mails come; no setting of this browser. */
function MailLanguage() {
  const t = textOf("settings");
  const queries = useQueryClient();
  const me = useMe();
  const choose = useMutation({
    mutationFn: (next: Language) => ask(api.PATCH("/api/my/mail-language", { body: { language: next } })),
    onSuccess: (user) => queries.setQueryData(meQuery.queryKey, user),
    onError: showError,
  });
  return (
    <Section
      title={t("mailLanguage")}
      about={me.email === "" ? t("mailsNowhere") : t("mailLanguageAbout", { email: me.email })}
    >
      <Tabs
        label={t("mailLanguage")}
        value={me.language}
        options={languages}
        onChange={(next) => next !== me.language && choose.mutate(next)}
      />
    </Section>
  );
}

/** What has to be asked for comes at once, below what is there already: one after the other they would move each other. */
function Lists() {
  const t = textOf("absences");
  const { userId, roles } = useMe();
  // Managers and admins are never drawn: there is nothing for them to mark.
  const drawn = isDrawn(roles);
  const answered = useQueries({
    queries: [
      ...[mailChoicesQuery, sessionsQuery, passkeysQuery, tokensQuery, applicationsQuery],
      ...(drawn ? [absencesQuery(userId)] : []),
    ],
    combine: (answers) => answers.every((one) => one.isFetched),
  });
  if (!answered) return <LoadingRows />;
  return (
    <>
      <Mails />
      {drawn && (
        <Section title={t("title")} about={t("about")}>
          <Absences userId={userId} />
        </Section>
      )}
      <Sessions />
      <Passkeys />
      <Password />
      <Tokens />
      <Applications />
    </>
  );
}

const languages = [
  { value: "en", text: <span lang="en">English</span> },
  { value: "ru", text: <span lang="ru">Русский</span> },
] as const;

type Density = "normal" | "compact";

export function SettingsPage() {
  const t = textOf("settings");
  const [theme, choose] = useState<Theme | "system">(
    localStorage.getItem("popug.theme") === null ? "system" : (document.documentElement.dataset["theme"] as Theme),
  );
  const [density, setDensity] = useState<Density>(
    localStorage.getItem("popug.density") === "compact" ? "compact" : "normal",
  );
  return (
    <PageFrame
      area="team"
      title={t("title")}
      actions={<Button onClick={() => void signOut()}>{textOf("shell")("signOut")}</Button>}
    >
      <Section title={t("language")} about={t("languageAbout")}>
        <Tabs
          label={t("language")}
          value={language}
          options={languages}
          onChange={(next) => next !== language && setLanguage(next)}
        />
      </Section>
      <Section title={t("theme")}>
        <Tabs
          label={t("theme")}
          value={theme}
          options={[
            { value: "system", text: t("theme.system") },
            { value: "light", text: t("theme.light") },
            { value: "dark", text: t("theme.dark") },
          ]}
          onChange={(next) => {
            choose(next);
            setTheme(next === "system" ? null : next);
          }}
        />
      </Section>
      <Zone />
      <Section title={t("density")}>
        <Tabs
          label={t("density")}
          value={density}
          options={[
            { value: "normal", text: t("density.normal") },
            { value: "compact", text: t("density.compact") },
          ]}
          onChange={(next) => {
            setDensity(next);
            localStorage.setItem("popug.density", next);
            document.documentElement.dataset["density"] = next;
          }}
        />
      </Section>
      <Section title={t("keys")} about={t("keysAbout")}>
        <Keys keys="Shift+Slash" />
      </Section>
      <MailLanguage />
      <Lists />
    </PageFrame>
  );
}
