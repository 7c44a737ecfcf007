import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";

export const myAccountQuery = queryOptions({
  queryKey: ["account", "me"],
  queryFn: () => ask(api.GET("/api/my/account")),
});
