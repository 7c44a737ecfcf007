import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

/** `kind`: only such entries; `userId`: only those about somebody. */
export type AuditSearch = { kind?: string; userId?: string };

export const securityAuditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/security-audit",
  staticData: { place: "security-audit" },
  validateSearch: (given: Record<string, unknown>): AuditSearch => ({
    ...(typeof given["kind"] === "string" && given["kind"] !== "" && { kind: given["kind"] }),
    ...(typeof given["userId"] === "string" && { userId: given["userId"] }),
  }),
  loader: () => loadText("security-audit"),
  component: lazyRouteComponent(() => import("./page.tsx"), "SecurityAuditPage"),
});
