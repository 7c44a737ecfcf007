import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ask } from "../../api/client.ts";
import { Problem } from "../../api/problem.ts";
import { type Role, roles } from "../../data/people.ts";
import { formatInstant } from "../../format/dates.ts";
import { language } from "../../format/language.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input, Select } from "../../ui/parts.tsx";
import { explain } from "../../ui/states.tsx";
import styles from "./people.module.css";

/** `Гоша Перов` → nothing, `Gosha Perov` → `gosha.perov`: a proposal only. */
const loginFrom = (name: string) =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/\s+/g, ".")
    .replaceAll(/[^a-z0-9._-]/g, "");

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = textOf("people");
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [login, setLogin] = useState<string>();
  const [chosen, setChosen] = useState<readonly Role[]>(["worker"]);
  const invite = useMutation({
    mutationFn: (form: FormData) => {
      const given = form.get("email");
      const email = typeof given === "string" ? given.trim() : "";
      return ask(
        api.POST("/api/invitations", {
          body: {
            name: name.trim(),
            login: login ?? loginFrom(name),
            roles: [...chosen],
            language: form.get("language") === "ru" ? "ru" : "en",
            ...(email !== "" && { email }),
          },
        }),
      );
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["users", "invitations"] }),
  });
  const wrong = (field: string) =>
    invite.error instanceof Problem
      ? invite.error.fields.find((one) => one.path.replace(/^\//, "") === field)?.message
      : undefined;

  if (invite.data !== undefined) return <Invited answer={invite.data} onClose={onClose} />;
  return (
    <Dialog title={t("inviteTitle")} onClose={onClose}>
      <p className={ui.hint}>{t("inviteAbout")}</p>
      <form
        className={styles.form}
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault();
          invite.mutate(new FormData(event.currentTarget));
        }}
      >
        <div className={styles.pair}>
          <Field label={t("field.name")} wrong={wrong("name")}>
            {(control) => (
              <Input {...control} required maxLength={100} value={name} onChange={(e) => setName(e.target.value)} />
            )}
          </Field>
          <Field label={t("field.login")} wrong={wrong("login")} hint={t("field.loginHint")}>
            {(control) => (
              <Input
                {...control}
                required
                pattern="[a-z0-9._\-]+"
                autoCapitalize="none"
                spellCheck={false}
                value={login ?? loginFrom(name)}
                onChange={(e) => setLogin(e.target.value)}
              />
            )}
          </Field>
        </div>
        <div className={styles.pair}>
          <Field label={t("field.email")} wrong={wrong("email")} hint={t("field.emailHint")}>
            {(control) => <Input {...control} type="email" name="email" />}
          </Field>
          <Field label={t("field.language")}>
            {(control) => (
              <Select {...control} name="language" defaultValue={language}>
                <option value="en">{t("english")}</option>
                <option value="ru">{t("russian")}</option>
              </Select>
            )}
          </Field>
        </div>
        <RoleChoice chosen={chosen} onChange={setChosen} />
        {invite.isError && (
          <p className={ui.wrong} role="alert">
            {explain(invite.error)}
          </p>
        )}
        <DialogActions>
          <Button look="ghost" onClick={onClose}>
            {textOf("ui")("cancel")}
          </Button>
          <Button type="submit" look="primary" disabled={invite.isPending || chosen.length === 0}>
            {t("send")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type Answer = { name: string; email: string; link: string | null; expiresAt: string };

function Invited({ answer, onClose }: { answer: Answer; onClose: () => void }) {
  const t = textOf("people");
  return (
    <Dialog title={t("invited", { name: answer.name })} onClose={onClose}>
      {answer.link === null ? (
        <p>{t("invitedByMail", { email: answer.email })}</p>
      ) : (
        <OneTimeText text={answer.link} note={t("linkOnce", { time: formatInstant(answer.expiresAt) })} />
      )}
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          {t("done")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** What is shown now and never again. */
export function OneTimeText({ text, note }: { text: string; note: string }) {
  const t = textOf("people");
  const [copied, setCopied] = useState(false);
  return (
    <>
      <p>{note}</p>
      <code className={styles.link}>{text}</code>
      <Button
        small
        onClick={() => {
          void navigator.clipboard.writeText(text).then(() => setCopied(true));
        }}
      >
        {copied ? t("copied") : t("copy")}
      </Button>
    </>
  );
}

export function RoleChoice({
  chosen,
  onChange,
  disabled = false,
  quiet = false,
}: {
  chosen: readonly Role[];
  onChange: (roles: readonly Role[]) => void;
  disabled?: boolean;
  /** The heading stands above it already. */
  quiet?: boolean;
}) {
  const t = textOf("people");
  return (
    <fieldset className={styles.checks} disabled={disabled}>
      <legend className={quiet ? "sr" : undefined}>{t("roles")}</legend>
      {roles.map((role) => (
        <label key={role}>
          <input
            type="checkbox"
            checked={chosen.includes(role)}
            onChange={(event) =>
              onChange(roles.filter((one) => (one === role ? event.target.checked : chosen.includes(one))))
            }
          />
          {textOf("shell")(`role.${role}`)}
        </label>
      ))}
      {chosen.length === 0 && <span className={ui.wrong}>{t("needsOne")}</span>}
    </fieldset>
  );
}
