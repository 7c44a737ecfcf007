import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_CHUNK, nextChunk } from "../../../src/services/tasks/chunk-size.ts";

test("however quick a machine is, a shuffle tells its progress about six times a second after a few chunks", () => {
  for (const tasksPerSecond of [600, 2_000, 10_000, 24_000]) {
    let size = FIRST_CHUNK;
    for (let chunk = 0; chunk < 6; chunk++) size = nextChunk(size, (size / tasksPerSecond) * 1_000);
    assert.equal(Math.round(tasksPerSecond / size), 6, `${tasksPerSecond} tasks per second`);
  }
});

test("a chunk that had to wait, or found next to nothing to do, changes the next one by a factor of two at most", () => {
  assert.equal(nextChunk(1_000, 60_000), 500);
  assert.equal(nextChunk(1_000, 0), 2_000);
  assert.equal(nextChunk(100, 60_000), 100);
  assert.equal(nextChunk(5_000, 1), 5_000);
});
