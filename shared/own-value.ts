/**
 * What a table has under a name that somebody else chose: a model's, an event type of another image, a tag. A plain
 * look-up finds `constructor` and `__proto__` in every table.
 */
export function ownValue<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** A table that has nothing under any name yet, to be filled under names that somebody else chose. */
export function emptyTable<T>(): Record<string, T> {
  return Object.create(null);
}
