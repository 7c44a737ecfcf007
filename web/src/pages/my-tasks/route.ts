import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { myTasksQuery } from "../../data/tasks.ts";
import { loadText } from "../../i18n/text.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const myTasksRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/my-tasks",
  staticData: { place: "my-tasks" },
  /** `task`: the one beside the list. `done`: today's done ones are unfolded. */
  validateSearch: (raw: Record<string, unknown>): { task?: string; done?: true } => ({
    ...(typeof raw["task"] === "string" && uuid.test(raw["task"]) && { task: raw["task"] }),
    ...(raw["done"] === true && { done: true as const }),
  }),
  loader: ({ context: { queries } }) =>
    Promise.all([loadText("my-tasks", "tasks"), queries.ensureQueryData(myTasksQuery("in_progress"))]),
  component: lazyRouteComponent(() => import("./page.tsx"), "MyTasksPage"),
});
