/** The take-over of `test/processes`, unchanged, in the third size: a database for each service, events through Kafka. */
import { inThirdSize } from "./third-size.ts";

await inThirdSize("a take-over on the cluster", () => import("../processes/take-over.test.ts"));
