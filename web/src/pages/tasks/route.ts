import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { countsQuery, type TaskFilter, taskPagesQuery } from "../../data/tasks.ts";
import { loadText } from "../../i18n/text.ts";

export const views = ["open", "all", "done", "waiting", "cancelled"] as const;
export type View = (typeof views)[number];

/** What the address says: which tasks are shown. */
export type TasksSearch = { show?: View; q?: string; assignee?: string; shuffle?: true };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const tasksRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tasks",
  staticData: { place: "tasks" },
  validateSearch: (raw: Record<string, unknown>): TasksSearch => {
    const show = views.find((one) => one === raw["show"]);
    return {
      ...(show !== undefined && show !== "open" && { show }),
      ...(typeof raw["q"] === "string" && raw["q"] !== "" && { q: raw["q"].slice(0, 200) }),
      ...(typeof raw["q"] === "number" && { q: String(raw["q"]) }),
      ...(typeof raw["assignee"] === "string" && uuid.test(raw["assignee"]) && { assignee: raw["assignee"] }),
      ...(raw["shuffle"] === true && { shuffle: true as const }),
    };
  },
  loaderDeps: ({ search }) => ({ filter: filterOf(search) }),
  loader: ({ context: { queries }, deps: { filter } }) => {
    void queries.prefetchQuery(countsQuery);
    void queries.prefetchQuery(taskPagesQuery(filter));
    return loadText("tasks");
  },
  component: lazyRouteComponent(() => import("./page.tsx"), "TasksPage"),
});

/** The filter of the API that a view stands for. */
export function filterOf({ show = "open", q, assignee }: TasksSearch): TaskFilter {
  return {
    ...(show === "open" && { status: "in_progress" as const }),
    ...(show === "done" && { status: "done" as const }),
    ...(show === "cancelled" && { status: "cancelled" as const }),
    ...(show === "waiting" && { waiting: true }),
    ...(assignee !== undefined && { assigneeId: assignee }),
    ...(q !== undefined && { q }),
  };
}

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
