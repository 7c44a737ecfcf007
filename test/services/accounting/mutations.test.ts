/**
 * The rules of the books, attacked; and then each rule taken away in turn, to show that the attacks would notice. All of it
 * happens in transactions that are taken back.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { type Attack, attackedBooks, attacks, outcomeOf } from "./attacks.ts";
import type { Books } from "./books.ts";

let books: Books;
before(async () => {
  books = await attackedBooks();
});
after(() => books?.stop());

/** The machinery of the platform and the replica of people have tests of their own. */
const notBooks = `('migration', 'log_0', ${["platform", "people"].flatMap(tablesOf).map((name) => `'${name}'`)})`;

function tablesOf(room: string): string[] {
  return globSync(`src/${room}/migrations/*.sql`).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^create table (\w+)/gm)].map((match) => match[1] as string),
  );
}

type Rule = { name: string; drop: string };

/**
 * Every constraint, unique index, trigger and missing privilege of accounting's tables; of the partitions of postings that of the
 * closed period, since rows of it could be written to its partition by name.
 */
async function rules(): Promise<Rule[]> {
  const constraints = await books.owner<Rule>(
    `select t.relname || '.' || c.conname as name, format('alter table %I drop constraint %I cascade', t.relname, c.conname) as drop
       from pg_constraint c join pg_class t on t.oid = c.conrelid
      where t.relnamespace = 'accounting'::regnamespace and c.contype in ('c', 'p', 'u', 'f', 'x') and c.conparentid = 0
        and not t.relispartition and t.relname not in ${notBooks} order by 1`,
  );
  const indexes = await books.owner<Rule>(
    `select i.relname as name, format('drop index %I', i.relname) as drop
       from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
      where t.relnamespace = 'accounting'::regnamespace and x.indisunique and not i.relispartition and t.relname not in ${notBooks}
        and not exists (select from pg_constraint c where c.conindid = x.indexrelid) order by 1`,
  );
  const triggers = await books.owner<Rule>(
    `select t.relname || '.' || g.tgname as name, format('drop trigger %I on %I', g.tgname, t.relname) as drop
       from pg_trigger g join pg_class t on t.oid = g.tgrelid
      where t.relnamespace = 'accounting'::regnamespace and not g.tgisinternal and g.tgparentid = 0
        and t.relname not in ${notBooks} and not (t.relname = 'posting_2' and g.tgname = 'closed_periods') order by 1`,
  );
  const privileges = await books.owner<Rule>(
    `select t.relname || ' without ' || p as name, format('grant %s on %I to popug_test_accounting', p, t.relname) as drop
       from pg_class t cross join unnest(array['update', 'delete', 'truncate']) p
      where t.relnamespace = 'accounting'::regnamespace and t.relkind in ('r', 'p') and not t.relispartition
        and t.relname not in ${notBooks} and t.relname <> 'task'
        and not has_table_privilege('popug_test_accounting', t.oid, p) order by 1`,
  );
  return [...constraints, ...indexes, ...triggers, ...privileges];
}

const shown = ({ by, sql }: Attack) => `${by}: ${sql.replaceAll(/\s+/g, " ").slice(0, 200)}`;

test(`${attacks.length} attacks by hand, as the service's role and as the owner, are all refused by the database`, async () => {
  const unharmed = await books.owner("select count(*), sum(amount_minor) from posting");
  for (const attack of attacks) {
    const outcome = await outcomeOf(books, attack);
    assert(outcome !== undefined, `went through: ${shown(attack)}`);
    assert.match(outcome, attack.refused, shown(attack));
  }
  assert.deepEqual(await books.owner("select count(*), sum(amount_minor) from posting"), unharmed);
});

test("without any one constraint, unique index, trigger or withheld privilege some attack is no longer refused as it has to be", async () => {
  const all = await rules();
  const unnoticed: string[] = [];
  let through = 0;
  for (const { name, drop } of all) {
    let noticed = false;
    const table = name.split(/[ ._]/)[0] ?? "";
    for (const attack of attacks.filter(({ sql }) => sql.includes(table))) {
      const outcome = await outcomeOf(books, attack, [drop]);
      if (outcome !== undefined && attack.refused.test(outcome)) continue;
      noticed = true;
      if (outcome === undefined) {
        through += 1;
        break;
      }
    }
    if (!noticed) unnoticed.push(name);
  }
  console.log(
    `${all.length} rules dropped in turn; for ${through} of them an attack goes through, for the others a second rule stops it`,
  );
  assert.deepEqual(unnoticed, []);
  assert(all.length > 80, `${all.length} rules`);
});
