/** One's own choice of mails over HTTP. For people alone: no token silences what tells its owner of the day. */
import { Type } from "typebox";
import { OneOf } from "../../platform/contract.ts";
import { command, query, type Route } from "../../platform/http/route.ts";
import { chooseMails } from "./commands/choose-mails.ts";
import { choosableKinds } from "./mail-choice.ts";
import { listMailChoices } from "./queries/list-mail-choices.ts";

/** The kinds that are offered to who asks, by their roles. */
const MailChoices = Type.Object({
  items: Type.Array(Type.Object({ kind: OneOf(choosableKinds), wanted: Type.Boolean() })),
});

export const choiceRoutes: readonly Route[] = [
  query({
    operationId: "listMyMailChoices",
    method: "GET",
    path: "/my/mail-choices",
    policy: "self.settings",
    summary: "Which mails I can choose, and which of them are sent to me.",
    response: MailChoices,
    handle: ({ sql, actor }) => listMailChoices(sql, actor),
  }),
  command({
    operationId: "chooseMyMails",
    command: "mail.choose",
    method: "PATCH",
    path: "/my/mail-choices",
    policy: "self.settings",
    summary: "Choose which mails are sent to me; what they say stays readable here.",
    body: Type.Object({
      assignments: Type.Optional(Type.Boolean()),
      payslip: Type.Optional(Type.Boolean()),
      report: Type.Optional(Type.Boolean()),
      audit: Type.Optional(Type.Boolean()),
      "dead-letters": Type.Optional(Type.Boolean()),
    }),
    response: MailChoices,
    handle: (ctx, { body }) => chooseMails(ctx, body),
  }),
];
