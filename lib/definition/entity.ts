import type { ValueType } from './value-types.ts'

/** Types of join keys, by name. */
export type JoinKeys = Readonly<Record<string, ValueType>>

/** A thing that features describe, such as an airport. Its join keys identify it. */
export interface Entity<K extends JoinKeys = JoinKeys> {
  readonly kind: 'entity'
  readonly name: string
  readonly joinKeys: K
  readonly pii: readonly string[]
  readonly description: string
}

export interface EntityProps<K extends JoinKeys> {
  /** `[a-z][a-z0-9_]{0,62}`, unique among entities. */
  readonly name: string
  /** One join key, or several for a composite key. Floats, arrays and vectors cannot be join keys. */
  readonly joinKeys: K
  /** Join keys that are personal data, such as an e-mail address. They are never printed or written to manifests. @default none */
  readonly pii?: readonly (keyof K & string)[]
  /** @default '' */
  readonly description?: string
}

/**
 * Declares an entity with one or more join keys.
 *
 * @example
 * import { entity } from 'quern'
 * export const route = entity({ name: 'route', joinKeys: { origin: 'string', dest: 'string' } })
 */
export const entity = <const K extends JoinKeys>(props: EntityProps<K>): Entity<K> => ({
  ...props,
  kind: 'entity',
  pii: props.pii ?? [],
  description: props.description ?? '',
})
