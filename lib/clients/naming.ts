/** Names of services in other languages. Different services never get the same name. */

/**
 * Service names are lower-case, and only a character after `_` becomes a capital. So `a_b` and `ab` stay different.
 */
export const camelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

export function pascalCase(name: string): string {
  const camel = camelCase(name)
  return camel.charAt(0).toUpperCase() + camel.slice(1)
}

/** Adds `_` to a name that the language reserves, and also to names that would then collide with it. */
export const freeName = (name: string, taken: readonly string[]): string =>
  taken.includes(name.replace(/_+$/, '')) ? `${name}_` : name
