/** Views whose every value identifies its entity, so that the response shows a missing, wrong or swapped value. */

import { compile } from '../../lib/compiler/compile.ts'
import { days, entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import { encodeItem, type Item } from '../../lib/online/item/item.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'

const customer = entity({ name: 'customer', joinKeys: { customer_id: 'int64' } })
const VIEWS = ['left', 'right'] as const

const views = VIEWS.map(name =>
  featureView({
    name,
    entities: [customer],
    source: fileSource({ name: `${name}_log`, path: `${name}.parquet`, eventTimestamp: 'event_timestamp' }),
    features: { [`${name}_name`]: 'string', [`${name}_number`]: 'int64', [`${name}_bytes`]: 'bytes' },
    ttl: days(7),
  }),
)

export const plan = compile([customer, ...views, featureService({ name: 'all', features: views })])

const textOf = (view: string, id: number): string => `${view} of ${id}`
const numberOf = (view: string, id: number): number => id * 31 + view.length

/** Every third customer has no rows. */
const isThere = (id: number): boolean => id % 3 !== 2

export const itemsOf = (customers: number, nowMs: number): readonly Item[] =>
  VIEWS.flatMap(name =>
    Array.from({ length: customers }, (_, id) => id)
      .filter(isThere)
      .map(id =>
        encodeItem(viewOf(plan, `${name}@1`), {
          keys: [BigInt(id)],
          eventTimestamp: microsOf(nowMs),
          createdTimestamp: null,
          rowHash: '',
          // In alphabetical order.
          features: [Buffer.from(textOf(name, id)), textOf(name, id), BigInt(numberOf(name, id))],
        }),
      ),
  )

export const questionOf = (ids: readonly number[]): string =>
  JSON.stringify({ feature_service: 'all', entities: { customer_id: ids } })

const expected = (feature: string, id: number): unknown => {
  if (feature === 'customer_id') return id
  if (!isThere(id)) return null
  const [view = '', kind] = feature.split('_')
  if (kind === 'number') return numberOf(view, id)
  return kind === 'name' ? textOf(view, id) : Buffer.from(textOf(view, id)).toString('base64')
}

interface Told {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly unknown[]; readonly statuses: readonly string[] }[]
}

/** Describes each deviation in a sentence. */
export function wrongIn(text: string, ids: readonly number[]): readonly string[] {
  const { metadata, results } = JSON.parse(text) as Told
  if (metadata.feature_names.length !== 7) return [`${metadata.feature_names.length} of 7 features`]
  return metadata.feature_names.flatMap((feature, i) => {
    const { values = [], statuses = [] } = results[i] ?? {}
    if (values.length !== ids.length) return [`${feature}: ${values.length} of ${ids.length} values`]
    return ids.flatMap((id, row) => {
      const status = feature === 'customer_id' || isThere(id) ? 'PRESENT' : 'NOT_FOUND'
      const right = values[row] === expected(feature, id) && statuses[row] === status
      return right ? [] : [`${feature} of ${id} is ${values[row]}, ${statuses[row]}`]
    })
  })
}
