import { useQuery } from "@tanstack/react-query";
import type { PlaceName } from "../app/menu.ts";
import { api, ask } from "../api/client.ts";
import { useMay } from "./people.ts";
import { countsQuery } from "./tasks.ts";

/** What the menu counts. */
export function useCounters(): Partial<Record<PlaceName, number>> {
  const { data: counts } = useQuery(countsQuery);
  const isAdmin = useMay("admin");
  const { data: dead } = useQuery({
    queryKey: ["dead-letters", "count"],
    queryFn: async () => {
      const { items } = await ask(api.GET("/api/dead-letters", { params: { query: { status: "dead", limit: 100 } } }));
      return items.length;
    },
    enabled: isAdmin,
  });
  return {
    ...(counts && { tasks: counts.open }),
    ...(counts && counts.mine > 0 && { "my-tasks": counts.mine }),
    ...(dead !== undefined && dead > 0 && { "dead-letters": dead }),
  };
}
