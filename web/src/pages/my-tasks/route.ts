import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const myTasksRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/my-tasks",
  staticData: { place: "my-tasks" },
  loader: () => loadText("my-tasks"),
  component: lazyRouteComponent(() => import("./page.tsx"), "MyTasksPage"),
});
