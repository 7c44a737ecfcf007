import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const mailsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/mails",
  staticData: { place: "mails" },
  loader: () => loadText("mails"),
  component: lazyRouteComponent(() => import("./page.tsx"), "MailsPage"),
});
