/** The third size for tests that are written for any: a database for each service, events through Kafka. */
import { after, test } from "node:test";
import { skip, testBrokers } from "./brokers.ts";

/** Two copies of most services. */
export const TWO_COPIES = "auth,notifications,analytics tasks,accounting tasks,accounting,analytics,notifications";

/**
 * Runs the tests of another file, unchanged, on brokers that end with them; `name` is what is said to be skipped where there
 * can be none.
 * @param layout which services run in which process; left out: the file says it itself
 */
export async function inThirdSize(name: string, tests: () => Promise<unknown>, layout?: string): Promise<void> {
  if (skip !== false) {
    test(name, { skip }, () => {});
    return;
  }
  const brokers = await testBrokers();
  after(brokers.stop);
  process.env["POPUG_TEST_KAFKA"] = brokers.addresses;
  process.env["POPUG_TEST_DATABASES"] = "each";
  if (layout !== undefined) process.env["POPUG_TEST_LAYOUT"] = layout;
  await tests();
}
