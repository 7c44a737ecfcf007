/** The replays of `test/campaigns`, unchanged, of a company in the third size: a database for each service, events through Kafka. */
import { inThirdSize, TWO_COPIES } from "./third-size.ts";

await inThirdSize("replays of what the cluster booked", () => import("../campaigns/exactness.test.ts"), TWO_COPIES);
