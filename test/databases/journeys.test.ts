/** Days of `test/journeys`, unchanged, with a database for each service: none can look into that of another. */
process.env["POPUG_TEST_DATABASES"] = "each";
await import("../journeys/day.test.ts");
await import("../journeys/people-and-shuffles.test.ts");
export {};
