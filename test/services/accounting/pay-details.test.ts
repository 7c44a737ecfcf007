import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { inventedIban } from "../../../src/app/demo/pay-details.ts";
import { fillCompany, type PaidCompany } from "./paid-company.ts";

let app: TestApp;
let company: PaidCompany;
before(async () => {
  app = await startTestApp();
  company = fillCompany(app);
});
after(() => app?.stop());

const mine = async (login: string) => (await app.as(login).get("/my/pay-details")).body.details;

test("a popug says where to be paid, as people write it, and sees it masked", async () => {
  assert.equal(await mine("worker1"), null);
  const iban = inventedIban(1);
  const written = iban.toLowerCase().replaceAll(/(.{4})/g, "$1 ");
  const answer = await company.put("worker1", { iban: written, holder: "  Gosha   Perov " });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const { iban: shown, holder } = await mine("worker1");
  assert.deepEqual([shown, holder], [`${iban.slice(0, 4)} •••• ${iban.slice(-4)}`, "Gosha Perov"]);
});

test("a number that cannot be one and a name that banks do not take are refused, with the field", async () => {
  const iban = inventedIban(2);
  const mistyped = iban.slice(0, -1) + String((Number(iban.at(-1)) + 1) % 10);
  for (const [body, code, field] of [
    [{ iban: mistyped, holder: "A B" }, "bad-account-number", "iban"],
    [{ iban: iban.slice(0, -1), holder: "A B" }, "bad-account-number", "iban"],
    [{ iban: `ZZ${iban.slice(2)}`, holder: "A B" }, "bad-account-number", "iban"],
    [{ iban, holder: "Гоша Перов" }, "bad-account-holder", "holder"],
    [{ iban, holder: "=1+1" }, "bad-account-holder", "holder"],
    [{ iban, holder: "A <b>" }, "bad-account-holder", "holder"],
  ] as const) {
    const answer = await company.put("worker2", body);
    assert.deepEqual([answer.status, answer.body.code, answer.body.errors?.[0]?.path], [400, code, field]);
  }
  assert.equal((await company.put("worker2", { iban, holder: "x" })).status, 400);
  assert.equal(await mine("worker2"), null);
});

test("every change is kept for accountants, with when it was; saying the same again is none", async () => {
  const [old, anew] = [inventedIban(3), inventedIban(4)];
  for (const iban of [old, anew, anew]) await company.put("worker3", { iban, holder: "Rio Feather" });
  const { status, body } = await app.as("accountant").get(`/accounts/${app.people["worker3"]}/pay-details`);
  assert.equal(status, 200);
  assert.deepEqual(
    body.items.map((one: { iban: string }) => one.iban),
    [anew, old],
  );
  for (const login of ["admin", "manager", "worker3"]) {
    assert.equal((await app.as(login).get(`/accounts/${app.people["worker3"]}/pay-details`)).status, 403, login);
  }
});

test("two changes at once are two changes, one behind the other", async () => {
  const numbers = Array.from({ length: 6 }, (_, n) => inventedIban(100 + n));
  const answers = await Promise.all(numbers.map((iban) => company.put("manager", { iban, holder: "Mila Perchik" })));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  const rows = await app.owner<{ id: number }>("select id from accounting.pay_details order by id");
  assert.deepEqual(
    rows.map(({ id }) => id),
    rows.map((_, n) => n + 1),
  );
});

test("the change is told of, what it is not; a token cannot make it", async () => {
  await app.settle();
  const told = await app.owner<{ data: object }>("select data from accounting.log where type = 'pay-details.changed'");
  assert(told.length > 0);
  for (const { data } of told) assert.deepEqual(Object.keys(data), ["userId", "detailsId"]);
  const token = await app.as("worker1").post("/my/tokens", { name: "mine", scopes: ["account"], days: 1 });
  await app.settle();
  const response = await fetch(`${app.url}/api/my/pay-details`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token.body.token}`, "content-type": "application/json" },
    body: JSON.stringify({ iban: inventedIban(5), holder: "A Thief" }),
  });
  assert.equal(response.status, 403);
});

test("whoever is erased is forgotten here, too; that there was something, and when, stays", async () => {
  const id = app.people["worker1"];
  const iban = inventedIban(1);
  await app.as("admin").patch(`/users/${id}`, { status: "inactive" });
  await app.settle();
  assert.equal((await app.as("admin").post(`/users/${id}/erase`)).status, 200);
  await app.settle();
  const rows = await app.owner("select iban, holder from accounting.pay_details where user_id = $1", [id]);
  assert.deepEqual(rows, [{ iban: null, holder: null }]);
  assert.deepEqual(await app.owner("select 1 from accounting.pay_details t where t::text like $1", [`%${iban}%`]), []);
  assert.deepEqual((await app.as("accountant").get(`/accounts/${id}/pay-details`)).body.items, []);
});
