/** Compares by UTF-16 code units, so that the order does not depend on the locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Sorts named objects into canonical order. */
export const byName = <T extends { readonly name: string }>(things: readonly T[]): readonly T[] =>
  [...things].sort((a, b) => compareText(a.name, b.name))

/** Indexes named objects by name, in canonical order. */
export const recordByName = <T extends { readonly name: string }>(
  things: readonly T[],
): Readonly<Record<string, T>> => Object.fromEntries(byName(things).map(thing => [thing.name, thing]))

/** The names of both records, without duplicates, in canonical order. */
export const namesOf = (a: object, b: object): readonly string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].sort(compareText)

/** An own entry of a record. Inherited properties, such as `constructor`, are not entries. */
export const entryOf = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined
