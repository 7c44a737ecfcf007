/**
 * Several processes on one PostgreSQL server under load: copies that are killed, paused and restarted, a server that is stopped at once,
 * ways to it that fail. `POPUG_SEED` and `POPUG_RUNS` choose another campaign.
 */
import { test } from "node:test";
import { playFaults } from "../chaos/play.ts";
import { campaign } from "../kit/random.ts";

const { runs, firstSeed } = campaign(5, 60);
const last = firstSeed + runs - 1;

test(`faults ${firstSeed} to ${last} of copies, server and ways lose and double nothing, and everything goes on by itself`, (t) =>
  playFaults(t, { first: firstSeed, last }, { size: 2 }));
