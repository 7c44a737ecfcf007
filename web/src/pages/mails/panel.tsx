import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client.ts";
import { formatInstant } from "../../format/dates.ts";
import { saveFile } from "../../format/save-file.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Tabs } from "../../ui/parts.tsx";
import { Facts, PanelPart, SidePanel } from "../../ui/side-panel.tsx";
import { ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showError, showToast } from "../../ui/toast.ts";
import { MailBody } from "./mail-body.tsx";
import styles from "./mails.module.css";
import { MailStatus } from "./page.tsx";

/** A mail as it was or will be sent, and what became of it. */
export function MailPanel({ mailId, onClose }: { mailId: string; onClose: () => void }) {
  const t = textOf("mails");
  const queries = useQueryClient();
  const [form, setForm] = useState<"html" | "text">("html");
  const path = { mailId };
  const mail = useQuery({
    queryKey: ["mails", "one", mailId],
    queryFn: () => ask(api.GET("/api/mails/{mailId}", { params: { path } })),
  });
  const retry = useMutation({
    mutationFn: () => ask(api.POST("/api/mails/{mailId}/retry", { params: { path } })),
    onSuccess: () => {
      showToast({ text: t("retried") });
      return queries.invalidateQueries({ queryKey: ["mails"] });
    },
    onError: showError,
  });
  const save = useMutation({
    mutationFn: () => ask(api.GET("/api/mails/{mailId}/file", { params: { path } })),
    onSuccess: ({ filename, eml }) => saveFile(filename, eml, "message/rfc822"),
    onError: showError,
  });
  const { data } = mail;
  return (
    <SidePanel
      title={data?.subject ?? (data === undefined ? t("mail") : t(`kind.${data.kind}`))}
      note={data && <MailStatus status={data.status} />}
      onClose={onClose}
    >
      {mail.isError ? (
        <ErrorState error={mail.error} retry={() => void mail.refetch()} />
      ) : data === undefined ? (
        <LoadingRows rows={4} />
      ) : (
        <>
          <Facts
            facts={[
              [t("column.to"), [data.name, data.address && `<${data.address}>`].filter(Boolean).join(" ")],
              [t("column.created"), formatInstant(data.createdAt)],
              data.sentAt === null ? null : [t("sentAt"), formatInstant(data.sentAt)],
              [t("column.attempts"), String(data.attempts)],
              data.nextAttemptAt === null ? null : [t("next"), formatInstant(data.nextAttemptAt)],
              data.waitsFor === null ? null : [t("waitsFor"), data.waitsFor],
              data.lastError === null
                ? null
                : [
                    t("error"),
                    <span key="e" className={ui.wrong}>
                      {data.lastError}
                    </span>,
                  ],
            ]}
          />
          <div className={styles.buttons}>
            {data.status !== "sent" && data.status !== "withheld" && (
              <Button disabled={retry.isPending} onClick={() => retry.mutate()}>
                {t("retry")}
              </Button>
            )}
            <Button look="ghost" disabled={save.isPending} onClick={() => save.mutate()}>
              <Download size={14} aria-hidden="true" />
              {t("file")}
            </Button>
          </div>
          <PanelPart
            title={t("content")}
            action={
              <Tabs
                label={t("form")}
                value={form}
                options={[
                  { value: "html", text: t("html") },
                  { value: "text", text: t("text") },
                ]}
                onChange={setForm}
              />
            }
          >
            {form === "html" && data.html !== null ? (
              <MailBody html={data.html} />
            ) : data.text === null ? (
              <p className={ui.hint}>{t("noContent")}</p>
            ) : (
              <pre className={styles.text}>{data.text}</pre>
            )}
            {data.attachments.map((one) => (
              <p key={one.filename} className={ui.hint}>
                {one.filename}
              </p>
            ))}
          </PanelPart>
        </>
      )}
    </SidePanel>
  );
}
