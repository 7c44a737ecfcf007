import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role } from "../../../src/people/policy.ts";
import { Refusal } from "../../../src/platform/refusal.ts";
import { decideChange, type User, type UserChange, userState } from "../../../src/services/auth/users.ts";

const user = (change: Partial<User> = {}): User => ({
  userId: "018f3c8e-1c5a-7d2b-9a1e-3f4b5c6d7e8f",
  login: "kesha",
  name: "Kesha",
  email: "kesha@popug.test",
  roles: ["worker"],
  language: "en",
  status: "active",
  version: 1,
  validFrom: new Date(0),
  createdAt: new Date(0),
  ...change,
});
const admin = user({ roles: ["admin"] });
const somebodyElse = { userId: "another", otherActiveAdmins: 1 };

function codeOf(...args: Parameters<typeof decideChange>): string {
  try {
    decideChange(...args);
    return "decided";
  } catch (error) {
    return error instanceof Refusal ? error.code : "defect";
  }
}

test("the last active admin can be neither demoted nor deactivated", () => {
  const alone = { userId: "another", otherActiveAdmins: 0 };
  for (const change of [{ roles: ["worker"] }, { status: "inactive" }] as UserChange[]) {
    assert.equal(codeOf(admin, change, alone), "last-admin");
    assert.equal(codeOf(admin, change, somebodyElse), "decided");
  }
  assert.equal(codeOf(admin, { name: "Gosha" }, alone), "decided");
  assert.equal(codeOf(admin, { roles: ["manager", "admin"] as Role[] }, alone), "decided");
});

test("nobody changes their own roles, but may send them unchanged", () => {
  const self = { userId: admin.userId, otherActiveAdmins: 5 };
  assert.equal(codeOf(admin, { roles: ["admin", "manager"] }, self), "own-roles");
  assert.equal(codeOf(admin, { roles: ["admin"], name: "Gosha" }, self), "decided");
});

test("a change that changes nothing is seen as such, also with roles in another order", () => {
  const both = user({ roles: ["worker", "accountant"] });
  const change: UserChange = { name: " Kesha ", roles: ["accountant", "worker"], status: "active" };
  assert.deepEqual(decideChange(both, change, somebodyElse).changed, []);
});

test("access ends when somebody active is deactivated, and only then", () => {
  assert.equal(decideChange(user(), { status: "inactive" }, somebodyElse).endsAccess, true);
  assert.equal(decideChange(user(), { roles: ["manager"] }, somebodyElse).endsAccess, false);
  const left = user({ status: "inactive" });
  assert.equal(decideChange(left, { status: "active" }, somebodyElse).endsAccess, false);
  assert.equal(decideChange(left, { name: "Gosha" }, somebodyElse).endsAccess, false);
});

test("events carry the full state and nothing that is auth's own", () => {
  assert.deepEqual(Object.keys(userState(user())).sort(), [
    "email",
    "language",
    "login",
    "name",
    "roles",
    "status",
    "userId",
    "validFrom",
    "version",
  ]);
});
