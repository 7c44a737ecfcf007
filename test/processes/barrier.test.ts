/** The interleavings of `test/campaigns`, unchanged, a few of them with the services in three processes on one PostgreSQL server. */
process.env["POPUG_RUNS"] ??= "5";
process.env["POPUG_TEST_LAYOUT"] = "auth,notifications tasks,accounting tasks,accounting,analytics";
await import("../campaigns/barrier.test.ts");
export {};
