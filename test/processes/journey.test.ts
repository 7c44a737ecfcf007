/** The day of `test/journeys`, unchanged, with the services in three processes: two copies of some, on one PostgreSQL server. */
process.env["POPUG_TEST_LAYOUT"] = "auth,notifications tasks,accounting tasks,accounting,analytics";
await import("../journeys/day.test.ts");
export {};
