import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../../../src/platform/refusal.ts";
import {
  decideCancel,
  decideDone,
  decideEdit,
  decideReopen,
  draftOrRefuse,
  type Task,
} from "../../../src/services/tasks/task.ts";

const task: Task = {
  taskId: "0198c0de-0000-7000-8000-000000000001",
  number: 1,
  title: "Fix the cage",
  jiraId: "POPUG-42",
  description: "",
  status: "in_progress",
  assigneeId: "worker",
  createdBy: "author",
  assignedAt: new Date("2026-11-22T10:00:00Z"),
  assignedPeriod: 4,
  donePeriod: null,
};
const done: Task = { ...task, status: "done", donePeriod: 5 };
const actor = (userId: string, ...roles: string[]) => ({ userId, login: userId, name: userId, roles });
const worker = actor("worker", "worker");
const stranger = actor("stranger", "worker");
const admin = actor("admin", "admin");
const refuses = (code: string, work: () => unknown) =>
  assert.throws(work, (error) => error instanceof Refusal && error.code === code);

test("a title with an id in brackets is split, in both forms; other brackets belong to the title", () => {
  const split = (title: string) => {
    const draft = draftOrRefuse(title, "");
    return [draft.jiraId, draft.title];
  };
  assert.deepEqual(split("[POPUG-42] - Fix the cage"), ["POPUG-42", "Fix the cage"]);
  assert.deepEqual(split("[POPUG-42] Fix the cage"), ["POPUG-42", "Fix the cage"]);
  assert.deepEqual(split("[build] Initialize project"), [null, "[build] Initialize project"]);
  assert.deepEqual(split("Fix [POPUG-42]"), [null, "Fix [POPUG-42]"]);
});

test("titles are one line, trimmed, and never empty, too long or unstorable", () => {
  assert.equal(draftOrRefuse("  Feed \n the\tbirds  ", "").title, "Feed the birds");
  assert.equal(draftOrRefuse("broken \ud800 pair", "").title, "broken \ufffd pair");
  for (const title of ["", "  ", "x".repeat(501), "nul\0", `[${"A".repeat(60)}-1] x`]) {
    refuses("bad-task", () => draftOrRefuse(title, ""));
  }
  assert.equal(draftOrRefuse("x".repeat(500), "y".repeat(10_000)).description.length, 10_000);
  refuses("bad-task", () => draftOrRefuse("x", "y".repeat(10_001)));
  refuses("bad-task", () => draftOrRefuse("x", "\0"));
});

test("only the assignee or an admin marks a task done; the reward is the assignee's", () => {
  assert.deepEqual(decideDone(task, worker), { assigneeId: "worker" });
  assert.deepEqual(decideDone(task, admin), { assigneeId: "worker" });
  refuses("not-your-task", () => decideDone(task, stranger));
  refuses("not-your-task", () => decideDone(done, stranger));
});

test("a second done, and the done of a task that waits, are refused", () => {
  refuses("task-already-done", () => decideDone(done, worker));
  refuses("task-waits", () => decideDone({ ...task, assigneeId: null }, admin));
});

test("an open task is cancelled and ends its present assignment, if it has one; a finished or cancelled one is refused", () => {
  assert.deepEqual(decideCancel(task), { period: 4, at: "2026-11-22T10:00:00.000Z" });
  assert.equal(decideCancel({ ...task, assigneeId: null, assignedAt: null, assignedPeriod: null }), null);
  const cancelled: Task = { ...task, status: "cancelled" };
  refuses("task-already-done", () => decideCancel(done));
  refuses("task-cancelled", () => decideCancel(cancelled));
  refuses("task-cancelled", () => decideDone(cancelled, worker));
  refuses("task-not-done", () => decideReopen(cancelled, admin, 5, ["worker"]));
});

test("a task is reopened in the period in which it was done, by who finished it or an admin", () => {
  assert.deepEqual(decideReopen(done, worker, 5, ["worker"]), { finisherId: "worker", stays: true });
  assert.deepEqual(decideReopen(done, admin, 5, ["other"]), { finisherId: "worker", stays: false });
  refuses("period-ended", () => decideReopen(done, worker, 6, ["worker"]));
  refuses("task-not-done", () => decideReopen(task, worker, 5, ["worker"]));
  refuses("not-your-task", () => decideReopen(done, stranger, 5, ["worker"]));
});

test("texts are changed by author, assignee, managers and admins", () => {
  for (const by of [worker, actor("author", "worker"), actor("m", "manager"), admin]) {
    assert.equal(decideEdit(task, by, { title: "Mend the cage" })?.title, "Mend the cage");
  }
  refuses("not-your-task", () => decideEdit(task, stranger, { title: "x" }));
});

test("an edit keeps the id unless the new title brings one, and one that changes nothing is none", () => {
  assert.equal(decideEdit(task, worker, { title: "Mend it" })?.jiraId, "POPUG-42");
  assert.equal(decideEdit(task, worker, { title: "[ABC-1] Mend it" })?.jiraId, "ABC-1");
  assert.equal(decideEdit(task, worker, {}), null);
  assert.equal(decideEdit(task, worker, { title: "[POPUG-42] Fix the cage", description: "" }), null);
  const odd = { ...task, title: "[B-2] second id" };
  assert.deepEqual(decideEdit(odd, worker, { description: "new" }), {
    title: "[B-2] second id",
    jiraId: "POPUG-42",
    description: "new",
  });
});
