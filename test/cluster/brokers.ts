/** Real brokers for a test file, three of its own; told in one line where there can be none. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Brokers, startBrokers, whyNoBrokers } from "../../cluster/brokers.ts";

/** Why tests on brokers are skipped here; false: they run. */
export const skip: string | false = whyNoBrokers() ?? false;

/** Three brokers in a folder that goes with them. */
export async function testBrokers(): Promise<Brokers> {
  const folder = await mkdtemp(join(tmpdir(), "popug-kafka-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const brokers = await startBrokers(folder);
  return {
    ...brokers,
    stop: async () => {
      await brokers.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
