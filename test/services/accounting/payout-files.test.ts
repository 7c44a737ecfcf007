import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parse } from "csv-parse/sync";
import { validateXML } from "xmllint-wasm";
import { toPain001 } from "../../../src/services/accounting/payout-file.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { inventedIban } from "../../../src/app/demo/pay-details.ts";
import { fillCompany, type PaidCompany } from "./paid-company.ts";
import { painSchema } from "./pain-schema.ts";

const payer = { name: "UberPopug & Söhne", iban: inventedIban(0), bic: "POPUDEFFXXX" };
const schema = painSchema();
const withoutSchema = schema === undefined && "neither POPUG_PAIN_SCHEMA nor pip: the published schema is not here";

let app: TestApp;
let company: PaidCompany;
before(async () => {
  app = await startTestApp({
    settings: { payer, currency: "EUR", timeZone: "Europe/Berlin" },
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant", "manager"] },
      ...["gosha", "kesha", "rio", "coco"].map((login) => ({ login, roles: ["worker"] })),
    ],
  });
  company = fillCompany(app);
  for (const login of ["gosha", "rio", "coco"]) await company.setDetails(login);
  await company.payDay();
});
after(() => app?.stop());

type File = { messageId: string; count: number; amountMinor: number; sentAt: string | null };
const files = async (): Promise<File[]> => (await app.as("accountant").get("/periods/1/payout-files")).body.items;
const pathOf = (messageId: string, end: string) => `/periods/1/payout-files/${messageId}${end}`;
const get = (messageId: string, end: string, login = "accountant") => app.as(login).get(pathOf(messageId, end));
const fieldsOf = (xml: string, name: string) =>
  [...xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`, "g"))].map((match) => match[1]);
const problemsOf = async (xml: string) => {
  assert(schema);
  const result = await validateXML({ xml: [{ fileName: "file.xml", contents: xml }], schema: [schema] });
  return result.errors.map((error) => error.message);
};

let first: File;

test("a file has what is requested and can be paid; looking at it marks nothing, and it is the same each time", async () => {
  const [next, ...sent] = await files();
  assert(next);
  first = next;
  assert.deepEqual([next.count, next.sentAt, sent], [3, null, []]);
  const [xml, again] = [await get(next.messageId, ".xml"), await get(next.messageId, ".xml")];
  assert.equal(xml.status, 200, JSON.stringify(xml.body));
  assert.equal(xml.headers.get("content-type"), "application/xml");
  assert.equal(again.body, xml.body);
  assert.deepEqual(await files(), [next]);
  assert.deepEqual((await company.payouts()).map((payout) => payout.state).toSorted(), [
    "requested",
    "requested",
    "requested",
    "waiting",
  ]);
});

test("each payment's end-to-end id is the line of the books; names, numbers and sums are those of the payouts", async () => {
  const { body: xml } = await get(first.messageId, ".xml");
  const paid = (await company.payouts()).filter((payout) => payout.state === "requested");
  assert.deepEqual(
    fieldsOf(xml, "EndToEndId"),
    paid.map((payout) => payout.entryId),
  );
  assert.deepEqual(fieldsOf(xml, "IBAN"), [payer.iban, ...paid.map((payout) => payout.iban)]);
  assert.deepEqual(
    fieldsOf(xml, "InstdAmt").map((amount) => Math.round(Number(amount) * 100)),
    paid.map((payout) => payout.amountMinor),
  );
  assert.deepEqual(fieldsOf(xml, "CtrlSum").map(Number), [first.amountMinor / 100, first.amountMinor / 100]);
  assert.deepEqual(fieldsOf(xml, "NbOfTxs"), ["3", "3"]);
  assert.deepEqual(fieldsOf(xml, "MsgId"), [first.messageId]);
  assert.match(xml, /UberPopug &amp; Söhne/);
  const line = (await app.as("accountant").get(`/entries/${paid[0]?.entryId}/explain`)).body.entry;
  assert.deepEqual([line.kind, line.userId], ["payout", paid[0]?.userId]);

  const csv = (await get(first.messageId, ".csv")).body;
  const rows = parse<Record<string, string>>(csv, { columns: true });
  assert.deepEqual(
    rows.map((row) => [row["message id"], row["end-to-end id"], row["iban"], Number(row["amount"]), row["currency"]]),
    paid.map((payout) => [first.messageId, payout.entryId, payout.iban, payout.amountMinor / 100, "EUR"]),
  );
});

test("the file is valid by the published schema of pain.001.001.09, and a spoilt one is not", {
  skip: withoutSchema,
}, async () => {
  const { body: xml } = await get(first.messageId, ".xml");
  assert.deepEqual(await problemsOf(xml), []);
  assert.notDeepEqual(await problemsOf(xml.replace(/<ChrgBr>.*<\/ChrgBr>/, "<ChrgBr>NONE</ChrgBr>")), []);
  assert.notDeepEqual(await problemsOf(xml.replace(payer.iban, "DE1")), []);
});

test("so is one of another currency, without a BIC, and with every sign that a name may have", {
  skip: withoutSchema,
}, async () => {
  const payments = ["Ó'Neill-Śmith (X), A/B: C+D?", "A".repeat(70)].map((holder, n) => ({
    ...{ period: 365, partition: 15, position: 1_000_000 + n, userId: "", amountMinor: 1 + n, detailsId: n },
    ...{ iban: inventedIban(n), holder },
  }));
  for (const currency of ["JPY", "KWD", "USD"]) {
    const period = { label: "2046-11-22/2", currency, closedAt: new Date("2046-11-22T23:30:00Z") };
    const file = { messageId: "POPUG-365-123456-0123456789", period, payments };
    const xml = toPain001(file, { ...payer, bic: null }, "Europe/Berlin");
    assert.deepEqual(await problemsOf(xml), [], xml);
    assert.match(xml, /<ReqdExctnDt><Dt>2046-11-23</);
    assert.deepEqual(
      fieldsOf(xml, "InstdAmt"),
      { JPY: ["1", "2"], KWD: ["0.001", "0.002"], USD: ["0.01", "0.02"] }[currency],
    );
  }
});

test("account numbers leave for accountants only: admins see files, not what is in them, and numbers masked", async () => {
  for (const login of ["admin", "manager", "gosha"]) {
    for (const end of [".xml", ".csv"]) assert.equal((await get(first.messageId, end, login)).status, 403);
  }
  assert.equal((await app.as("admin").get("/periods/1/payout-files")).status, 200);
  const seen = (await app.as("admin").get("/periods/1/payouts?state=requested")).body.items;
  for (const payout of seen) {
    assert.match(payout.iban, /^DE\d\d •••• \d{4}$/);
    assert.equal(payout.holder, null);
  }
  const token = await app.as("accountant").post("/my/tokens", { name: "books", scopes: ["accounts"], days: 1 });
  await app.settle();
  const withToken = (path: string) =>
    fetch(`${app.url}/api${path}`, { headers: { authorization: `Bearer ${token.body.token}` } });
  assert.equal((await withToken(pathOf(first.messageId, ".xml"))).status, 403);
  const list = (await (await withToken("/periods/1/payouts")).json()) as { items: { iban: string | null }[] };
  assert(list.items.every(({ iban }) => iban === null || iban.includes("•")));
});

test("details that come after a file was made do not change it: what the bank has is what is marked as sent", async () => {
  const before = await get(first.messageId, ".xml");
  await company.setDetails("kesha");
  await company.setDetails("rio");
  const [next] = await files();
  assert.equal(next?.count, 4);
  assert.notEqual(next?.messageId, first.messageId);
  assert.equal((await get(first.messageId, ".xml")).body, before.body);

  const answers = await Promise.all(
    ["accountant", "admin"].map((login) => app.as(login).post(pathOf(first.messageId, "/sent"))),
  );
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409]);
  assert.deepEqual(answers.find(({ status }) => status === 200)?.body, { count: 3 });
  const again = await app.as("admin").post(pathOf(first.messageId, "/sent"));
  assert.deepEqual([again.status, again.body.code], [409, "payout-file-sent"]);
  assert.equal((await get(first.messageId, ".xml")).body, before.body, "a sent file can be read again, as it was");
  const [rest, sent] = await files();
  assert.deepEqual([rest?.count, sent?.messageId, sent?.count], [1, first.messageId, 3]);
  const states = (await company.payouts()).map((payout) => [payout.state, payout.file]);
  assert.deepEqual(states.toSorted(), [["requested", null], ...Array(3).fill(["sent", first.messageId])]);
});

test("a file whose payouts were moved since is not marked as sent, and other names are no files", async () => {
  const [next] = await files();
  assert(next);
  const [last] = (await company.payouts()).filter((payout) => payout.state === "requested");
  assert.equal((await app.as("accountant").post(`/payouts/1/${last?.userId}/failed`, { reason: "left" })).status, 200);
  const stale = await app.as("accountant").post(pathOf(next.messageId, "/sent"));
  assert.deepEqual([stale.status, stale.body.code], [404, "payout-file-not-found"]);
  assert.equal((await get("POPUG-2-1-0123456789", ".xml")).status, 404);
  assert.equal((await get("x", ".csv")).status, 404);
  assert.deepEqual(
    (await files()).map((file) => file.messageId),
    [first.messageId],
  );
});

test("account numbers stand in the table of pay details and nowhere else: not in logs, outboxes, other services, kept answers", async () => {
  await app.settle();
  for (const schema of ["auth", "tasks", "accounting", "analytics", "notifications"]) {
    const tables = await app.owner<{ name: string }>(
      "select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind in ('r', 'p')",
      [schema],
    );
    for (const { name } of tables) {
      const rows = await app.owner(
        `select 1 from ${schema}."${name}" t where t::text ~ 'DE\\d\\d000000000000' limit 1`,
      );
      assert.equal(rows.length > 0, `${schema}.${name}` === "accounting.pay_details", `${schema}.${name}`);
    }
  }
});

test("without the payer's account there is no file for the bank, but still a list", async () => {
  const bare = await startTestApp({
    settings: { payer: null },
    people: [{ login: "accountant", roles: ["accountant"] }],
  });
  try {
    const answer = await bare.as("accountant").get(pathOf("POPUG-1-0-0123456789", ".xml"));
    assert.deepEqual([answer.status, answer.body.code], [409, "payer-not-set"]);
  } finally {
    await bare.stop();
  }
});
