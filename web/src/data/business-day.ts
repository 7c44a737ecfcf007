/** The business day that is open: its date, and the zone whose clock it goes by. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";

/** The business day that is open, by its own zone: what "today" is, wherever the reader is. */
export const businessDayQuery = queryOptions({
  queryKey: ["business-day"],
  queryFn: () => ask(api.GET("/api/business-day")),
});

/** The zone of the business day; undefined until it is known. */
export const useBillingZone = () => useQuery(businessDayQuery).data?.timeZone;

/** The date of the business day that is open; undefined until it is known. */
export const useToday = () => useQuery(businessDayQuery).data?.businessDate ?? undefined;
