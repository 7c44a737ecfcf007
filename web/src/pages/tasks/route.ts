import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const tasksRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tasks",
  staticData: { place: "tasks" },
  loader: () => loadText("tasks"),
  component: lazyRouteComponent(() => import("./page.tsx"), "TasksPage"),
});

/** The same list, with the dialog over it. */
export const newTaskRoute = createRoute({
  getParentRoute: () => tasksRoute,
  path: "/new",
  staticData: { place: "tasks" },
});

/** The same list, with the task beside it. */
export const taskRoute = createRoute({
  getParentRoute: () => tasksRoute,
  path: "/$taskId",
  staticData: { place: "tasks" },
});
