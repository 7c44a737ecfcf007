/** Lists of the settings; each stands in a section of its own. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "../../api/client.ts";

export const mailChoicesQuery = queryOptions({
  queryKey: ["my", "mail-choices"],
  queryFn: () => ask(api.GET("/api/my/mail-choices")),
});

export const sessionsQuery = queryOptions({
  queryKey: ["my", "sessions"],
  queryFn: () => ask(api.GET("/api/my/sessions")),
});

export const passkeysQuery = queryOptions({
  queryKey: ["my", "passkeys"],
  queryFn: () => ask(api.GET("/api/my/passkeys")),
});

export const tokensQuery = queryOptions({
  queryKey: ["my", "tokens"],
  queryFn: () => ask(api.GET("/api/my/tokens")),
});

export const applicationsQuery = queryOptions({
  queryKey: ["my", "applications"],
  queryFn: () => ask(api.GET("/api/my/applications")),
});
