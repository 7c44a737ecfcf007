/** What the company has set, what will count next, and every change. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";

const getSettings = () => ask(api.GET("/api/settings"));
type Answer = Awaited<ReturnType<typeof getSettings>>;

export type CompanySettings = Answer["now"];
export type SettingsVersion = Answer["items"][number];

export const settingsQuery = queryOptions({ queryKey: ["settings"], queryFn: getSettings });
