import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const mailKinds = ["payslip", "report", "audit", "payout-failed"] as const;
export const mailStatuses = ["queued", "sending", "sent", "failed"] as const;

/** `mail`: the one beside the list. */
export type MailsSearch = {
  kind?: (typeof mailKinds)[number];
  status?: (typeof mailStatuses)[number];
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
