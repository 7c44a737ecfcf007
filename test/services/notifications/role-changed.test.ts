import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Books, startBooks } from "./books.ts";
import { crashInside, mailboxOf } from "./mailbox.ts";

let books: Books;
let box: ReturnType<typeof mailboxOf>;
let id: (login: string) => string;

before(async () => {
  books = await startBooks();
  box = mailboxOf(books);
  id = (login) => books.app.people[login] as string;
});
after(async () => await books.stop());

const change = async (login: string, change: Record<string, unknown>) => {
  const answer = await books.app.as("admin").patch(`/users/${id(login)}`, change);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.version as number;
};
const told = async (login: string) =>
  (await box.mails()).filter((mail) => mail.kind === "role-changed" && mail.userId === id(login));

test("whose roles are changed is told once which they had and have, though every event is heard twice", async () => {
  const version = await change("worker1", { roles: ["worker", "manager"] });
  await books.app.settle();
  await books.app.owner(`update notifications.cursor set position = 0 where source = 'auth'`);
  const copy = books.copyOf("notifications");
  await copy.pass();
  await books.app.settle();
  assert.deepEqual(
    (await told("worker1")).map((mail) => [mail.key, mail.status]),
    [[`role-changed:${version}:${id("worker1")}`, "sent"]],
  );
  const mail = await box.contentOf(`role-changed:${version}:${id("worker1")}`);
  assert.equal(mail.period, null);
  assert.match(mail.text, /Your roles\n +worker\nnew {2}manager\n/);
  assert.match(mail.text, /are given no tasks/);
  assert.match(await box.fileOf(mail.key), /^To: worker1 Popug <worker1@popug\.test>\r$/m);
});

test("a crash between queueing the mail and moving the cursor leaves neither, and the mail goes out once", async () => {
  const version = await change("worker2", { roles: ["accountant"], language: "ru" });
  await books.step("auth", "sequencer");
  await crashInside(books, "consumer:on-user", "person");
  assert.deepEqual(await told("worker2"), []);
  await books.app.settle();
  assert.equal((await told("worker2")).length, 1);
  const { subject, text } = await box.contentOf(`role-changed:${version}:${id("worker2")}`);
  assert.equal(subject, "Ваши роли изменились");
  assert.match(text, /Ваши роли\n +новая {2}бухгалтер\nбольше нет {2}исполнитель\n/);
  assert.doesNotMatch(text, /задачи/, "who could be drawn and still can reads nothing about tasks");
});

test("a new name, and roles that change as somebody leaves, are no change of roles to write about", async () => {
  await change("worker3", { name: "Worker the Third" });
  await change("worker3", { roles: ["worker", "accountant"], status: "inactive" });
  await books.app.settle();
  assert.deepEqual(await told("worker3"), []);
});
