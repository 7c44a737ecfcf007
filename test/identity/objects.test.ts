/** Objects and fields of others: what is not one's own is refused like what does not exist; no body sets more than it says. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Policy, policies, roles } from "../../src/people/policy.ts";
import { samplesOf } from "../../src/platform/schema/sample.ts";
import { type Answer, startTestApp, type TestApp } from "../kit/app.ts";

const NOBODY = "018f3c8e-1c5a-7d2b-9a1e-3f4b5c6d7e8f";
const DAY_MS = 24 * 3_600_000;

let app: TestApp;
/** Things of worker1, made the ordinary way. */
const own: Record<string, string> = {};

before(async () => {
  app = await startTestApp({ people: [{ login: "worker1", roles: ["worker"] }] });
  // Drawn for the one worker there is; the second one comes later.
  const task = await app.as("admin").post("/tasks", { title: "A task of worker1" });
  own["taskId"] = task.body.id;
  await app.settle();
  const entries = await app.as("worker1").get("/entries");
  own["entryId"] = entries.body.items[0].entryId ?? entries.body.items[0].id;
  await app.moveClock(DAY_MS);
  await app.settle();
  const mails = await app.as("worker1").get("/my/mails");
  own["mailId"] = mails.body.items[0].mailId ?? mails.body.items[0].id;
  own["userId"] = app.people["worker1"] ?? "";
  const token = await app.as("worker1").post("/my/tokens", { name: "x", scopes: ["tasks"], days: 1 });
  own["tokenId"] = token.body.tokenId;
  await app.owner(
    `insert into auth.passkey (credential_id, passkey_id, user_id, public_key, counter, transports, name, backed_up)
     values ('a', gen_random_uuid(), $1, '', 0, '{}', 'x', false)`,
    [own["userId"]],
  );
  own["passkeyId"] = (await app.as("worker1").get("/my/passkeys")).body.items[0].passkeyId;
  await app.owner(
    `insert into auth.web_session (cookie_hash, session_id, user_id, sealed, access_expires_at, device, expires_at)
     values ('x', gen_random_uuid(), $1, '', clock_timestamp(), 'x', clock_timestamp() + interval '1 hour')`,
    [own["userId"]],
  );
  own["sessionId"] = (await app.as("worker1").get("/my/sessions")).body.items[0].sessionId;
  await app.owner("insert into auth.application_consent values ($1, 'wiki', '{openid}')", [own["userId"]]);
  own["clientId"] = "wiki";
  const { today } = (await app.as("worker1").get("/absences")).body;
  const absence = await app.as("worker1").post("/absences", { firstDay: today, lastDay: today, reassign: false });
  own["absenceId"] = absence.body.absenceId;
  await app.join({ login: "worker2", roles: ["worker"] });
  await app.settle();
});
after(() => app.stop());

/** Routes with an id that everybody may use, and what guards the thing behind the id. */
const guards: Record<string, "own" | "everybody's"> = {
  "DELETE /api/absences/:absenceId": "own",
  "PATCH /api/absences/:absenceId": "own",
  "GET /api/accounts/:userId": "own",
  "GET /api/accounts/:userId/statement": "own",
  "POST /api/accounts/:userId/statement-mails": "own",
  "GET /api/entries/:entryId/explain": "own",
  "GET /api/my/mails/:mailId": "own",
  "DELETE /api/my/applications/:clientId": "own",
  "DELETE /api/my/passkeys/:passkeyId": "own",
  "PATCH /api/my/passkeys/:passkeyId": "own",
  "DELETE /api/my/sessions/:sessionId": "own",
  "DELETE /api/my/tokens/:tokenId": "own",
  // The period is everybody's, the payslip that it leads to always one's own.
  "GET /api/my/payslips/:period.pdf": "everybody's",
  // All tasks are listed for everybody; what one may do with them is proved in the tests of tasks.
  "GET /api/tasks/:taskId": "everybody's",
  "GET /api/tasks/:taskId/history": "everybody's",
  "PATCH /api/tasks/:taskId": "everybody's",
  "POST /api/tasks/:taskId/complete": "everybody's",
  "POST /api/tasks/:taskId/reopen": "everybody's",
  "GET /api/shuffles/:shuffleId": "everybody's",
};

const bodies: Record<string, unknown> = {
  "PATCH /api/my/passkeys/:passkeyId": { name: "mine now" },
  "PATCH /api/absences/:absenceId": { note: "mine now" },
  "POST /api/accounts/:userId/statement-mails": { from: "2026-01-01", to: "2026-01-31" },
};

/** What routes have to be asked. */
const questions: Record<string, string> = {
  "GET /api/accounts/:userId/statement": "?from=2026-01-01&to=2026-01-31",
};

async function ask(login: string, route: string, ids: Record<string, string>): Promise<Answer> {
  const [method = "", url = ""] = route.split(" ");
  const path = url.slice("/api".length).replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? NOBODY);
  const client = app.as(login);
  if (method === "GET") return client.get(path + (questions[route] ?? ""));
  if (method === "DELETE") return client.delete(path);
  return method === "PATCH" ? client.patch(path, bodies[route]) : client.post(path, bodies[route]);
}

const withoutNoise = ({ status, body }: Answer) => ({ status, ...body, instance: undefined });

test("every route with an id that everybody may use says whose the thing behind it is", () => {
  const open = app.app.routes
    .filter(({ method, url, policy }) => {
      const may: readonly string[] | "anonymous" = policies[policy].roles;
      return method !== "HEAD" && url.includes(":") && may.length === roles.length;
    })
    .map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(open.toSorted(), Object.keys(guards).toSorted(), "add the new route to the table of this test");
});

for (const [route, guard] of Object.entries(guards)) {
  if (guard !== "own") continue;
  test(`${route}: what belongs to somebody else is refused exactly like what does not exist`, async () => {
    const foreign = await ask("worker2", route, own);
    const unknown = await ask("worker2", route, {});
    assert.ok(foreign.status === 404 || foreign.status === 403, JSON.stringify(foreign.body));
    assert.deepEqual(withoutNoise(foreign), withoutNoise(unknown));
    if (route.startsWith("GET")) assert.equal((await ask("worker1", route, own)).status, 200, "its owner may");
  });
}

test("what was refused to others is still there", async () => {
  for (const [path, id] of [
    ["/my/tokens", "tokenId"],
    ["/my/passkeys", "passkeyId"],
    ["/my/sessions", "sessionId"],
    ["/my/applications", "clientId"],
  ] as const) {
    const { body } = await app.as("worker1").get(path);
    assert.ok(
      body.items.some((item: Record<string, string>) => item[id] === own[id]),
      path,
    );
  }
});

test("routes with an id for the few answer an unknown one with a refusal, never a defect", async () => {
  for (const { method, url } of app.app.routes) {
    if (method === "HEAD" || !url.includes(":") || `${method} ${url}` in guards) continue;
    const { status, body } = await ask("admin", `${method} ${url}`, {
      number: "999999",
      period: "999999",
      service: "tasks",
    });
    assert.ok(status < 500, `${method} ${url}: ${status} ${JSON.stringify(body)}`);
  }
});

/** Fields that somebody might try to set along with what they may. */
const privileged = [
  "userId",
  "roles",
  "status",
  "version",
  "validFrom",
  "createdBy",
  "assigneeId",
  "isAdmin",
  "policy",
  "scopes",
  "passwordHash",
  "amountMinor",
  "feeMinor",
  "period",
  "erasedAt",
  "actor",
  "constructor",
];

test("no write route takes a field that it does not name, nor ignores one", async () => {
  type Operation = { requestBody?: { content: Record<string, { schema: Record<string, unknown> }> } };
  const document = app.app.server.swagger() as unknown as { paths: Record<string, Record<string, Operation>> };
  let tried = 0;
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const schema = operation.requestBody?.content["application/json"]?.schema;
      if (!schema) continue;
      const [good] = samplesOf(schema) as Record<string, unknown>[];
      assert.ok(good && typeof good === "object", `${method} ${path}: no example body was found`);
      const known = Object.keys(schema["properties"] ?? {});
      const url = path.replaceAll(/\{\w+\}/g, NOBODY).replace(`/dead-letters/${NOBODY}`, "/dead-letters/tasks");
      for (const field of privileged.filter((name) => !known.includes(name))) {
        const response = await fetch(`${app.url}${url}`, {
          method: method.toUpperCase(),
          headers: { authorization: `Bearer ${await app.as("admin").token()}`, "content-type": "application/json" },
          body: JSON.stringify({ ...good, [field]: "x" }),
        });
        const answer = (await response.json()) as { code: string; errors?: { message: string }[] };
        assert.equal(response.status, 400, `${method} ${path} with ${field}: ${JSON.stringify(answer)}`);
        tried++;
      }
      const raw = `{"__proto__":{"roles":["admin"]},${JSON.stringify(good).slice(1)}`.replace(",}", "}");
      const polluted = await fetch(`${app.url}${url}`, {
        method: method.toUpperCase(),
        headers: { authorization: `Bearer ${await app.as("admin").token()}`, "content-type": "application/json" },
        body: raw,
      });
      assert.equal(polluted.status, 400, `${method} ${path} with __proto__`);
    }
  }
  assert.ok(tried >= 150, `${tried} tried`);
});

test("a policy is a name of the table, not of what every object has", () => {
  for (const name of ["toString", "constructor", "__proto__"])
    assert.equal(Object.hasOwn(policies, name as Policy), false);
});
