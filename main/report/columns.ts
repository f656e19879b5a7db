/** Columns of a table by their names, of which each cell is one. */

/** A name of `read` that two columns have, of which one would hide the other's cells; null: there is none. */
export const namedTwice = (names: readonly string[], read: readonly string[]): string | null =>
  read.find((name) => names.indexOf(name) !== names.lastIndexOf(name)) ?? null;
