/** The interleavings of `test/campaigns`, unchanged, a few of them in the third size: a database for each service, events through Kafka. */
import { inThirdSize, TWO_COPIES } from "./third-size.ts";

process.env["POPUG_RUNS"] ??= "5";
await inThirdSize("interleavings on the cluster", () => import("../campaigns/barrier.test.ts"), TWO_COPIES);
