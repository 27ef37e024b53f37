/** Order by code units: the same on every machine, whatever its locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The canonical order of named things. */
export const byName = <T extends { readonly name: string }>(things: readonly T[]): readonly T[] =>
  [...things].sort((a, b) => compareText(a.name, b.name))

/** Things by their names, in canonical order. */
export const recordByName = <T extends { readonly name: string }>(
  things: readonly T[],
): Readonly<Record<string, T>> => Object.fromEntries(byName(things).map(thing => [thing.name, thing]))

/** Names of two records, together and in order. */
export const namesOf = (a: object, b: object): readonly string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].sort(compareText)

/** A record's own entry: `constructor` is a name like any other. */
export const entryOf = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined
