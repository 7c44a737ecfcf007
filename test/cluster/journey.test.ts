/** The day of `test/journeys`, unchanged, in the third size: a database for each service, two copies of most, events through Kafka. */
import { inThirdSize, TWO_COPIES } from "./third-size.ts";

await inThirdSize("a day on the cluster", () => import("../journeys/day.test.ts"), TWO_COPIES);
