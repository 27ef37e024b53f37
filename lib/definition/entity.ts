import type { ValueType } from './value-types.ts'

/** Join keys by name, each with its type. */
export type JoinKeys = Readonly<Record<string, ValueType>>

/** A thing that features describe, told apart from others of its kind by its join keys. */
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
  /** Join keys that are personal data, such as an e-mail address: never printed, nor kept in manifests. @default none */
  readonly pii?: readonly (keyof K & string)[]
  /** @default '' */
  readonly description?: string
}

/**
 * Declares an entity.
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
