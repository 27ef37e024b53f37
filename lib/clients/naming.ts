/** Names of services in other languages. Different services never get the same name. */

/** A service's names are lower-case, so that only what follows a `_` becomes a capital: `a_b` and `ab` stay apart. */
export const camelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

export function pascalCase(name: string): string {
  const camel = camelCase(name)
  return camel.charAt(0).toUpperCase() + camel.slice(1)
}

/** A name that a language has taken gets a `_`, and so does each that might be taken for that one then. */
export const freeName = (name: string, taken: readonly string[]): string =>
  taken.includes(name.replace(/_+$/, '')) ? `${name}_` : name
