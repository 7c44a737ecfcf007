import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { draw } from "../../../src/services/tasks/draw.ts";

test("a draw hits exactly one of the eligible", () => {
  assert.equal(
    draw(["a", "b", "c"], (below) => below - 1),
    "c",
  );
  assert.equal(
    draw(["a", "b", "c"], () => 0),
    "a",
  );
});

test("a draw among nobody hits nobody, and does not draw", () => {
  assert.equal(
    draw([], () => assert.fail()),
    undefined,
  );
});

test("each of the eligible is equally likely", () => {
  const popugs = ["a", "b", "c", "d", "e", "f", "g"];
  const hits = new Map(popugs.map((popug) => [popug, 0]));
  const draws = 70_000;
  for (let i = 0; i < draws; i++) {
    const popug = draw(popugs, randomInt) as string;
    hits.set(popug, (hits.get(popug) as number) + 1);
  }
  const expected = draws / popugs.length;
  const chiSquare = [...hits.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  // Six degrees of freedom: above 45 once in twenty million runs.
  assert.ok(chiSquare < 45, `chi-square ${chiSquare}`);
});
