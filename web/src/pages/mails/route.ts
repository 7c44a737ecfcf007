import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { everyOf, type Query } from "../../api/every-of.ts";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

type MailKind = Query<"listMails">["kind"];
type MailStatus = Query<"listMails">["status"];

export const mailKinds = everyOf<MailKind>({
  payslip: 1,
  report: 1,
  audit: 1,
  "payout-failed": 1,
  "pay-details-changed": 1,
  statement: 1,
  "role-changed": 1,
  assignments: 1,
  "dead-letters": 1,
});
export const mailStatuses = everyOf<MailStatus>({ queued: 1, sending: 1, sent: 1, failed: 1, withheld: 1 });

/** `mail`: the one beside the list. */
export type MailsSearch = {
  kind?: MailKind;
  status?: MailStatus;
  userId?: string;
  mail?: string;
};

export const mailsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/mails",
  staticData: { place: "mails" },
  validateSearch: (given: Record<string, unknown>): MailsSearch => {
    const kind = mailKinds.find((one) => one === given["kind"]);
    const status = mailStatuses.find((one) => one === given["status"]);
    return {
      ...(kind && { kind }),
      ...(status && { status }),
      ...(typeof given["userId"] === "string" && { userId: given["userId"] }),
      ...(typeof given["mail"] === "string" && { mail: given["mail"] }),
    };
  },
  loader: () => loadText("mails"),
  component: lazyRouteComponent(() => import("./page.tsx"), "MailsPage"),
});
