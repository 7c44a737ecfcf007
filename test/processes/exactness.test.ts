/** The replays of `test/campaigns`, unchanged, of a company whose services ran in three processes on one PostgreSQL server. */
process.env["POPUG_TEST_LAYOUT"] = "auth,notifications tasks,accounting tasks,accounting,analytics";
await import("../campaigns/exactness.test.ts");
export {};
