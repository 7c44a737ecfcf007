/** Fields of an event as the catalogue names them: nested ones with dots, items of lists with `[]`. */
type Field = { name: string; holds: string; required: boolean };

/** How deep a field stands: `entries[].userId` is 1. */
export const depthOf = (name: string) => name.split(".").length - 1;
export const leafOf = (name: string) => name.split(".").at(-1) ?? name;

/** What became of the fields between two versions. */
export function changesBetween(before: { fields: readonly Field[] }, after: { fields: readonly Field[] }) {
  const old = new Map(before.fields.map((field) => [field.name, field]));
  const now = new Map(after.fields.map((field) => [field.name, field]));
  return {
    added: after.fields.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    removed: before.fields.filter(({ name }) => !now.has(name)).map(({ name }) => name),
    changed: after.fields
      .filter(({ name, holds, required }) => {
        const was = old.get(name);
        return was !== undefined && (was.holds !== holds || was.required !== required);
      })
      .map(({ name }) => name),
  };
}
