/** What the serving bench asks for: the bench's two views, and wide ones on which to see how cost grows. */

import { days, entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import type { ValueType } from '../../lib/definition/value-types.ts'
import { featuresOf, VIEWS } from '../data.ts'

/** Longer than the data's days: every value is served, by quern as by Feast, which knows no age online. */
const TTL_DAYS = 60

export const WIDTHS = [100, 500] as const

/** Five of ten are fractions, three whole numbers, two texts, as in the narrow views. */
export const wideFeatures = (width: number): readonly { readonly name: string; readonly type: ValueType }[] =>
  Array.from({ length: width }, (_, i) => {
    const type = i % 10 < 5 ? 'float64' : i % 10 < 8 ? 'int64' : 'string'
    return { name: `feature_${i}`, type }
  })

const customer = entity({ name: 'customer', joinKeys: { customer_id: 'int64' } })

const view = (name: string, features: readonly { readonly name: string; readonly type: ValueType }[]) =>
  featureView({
    name,
    entities: [customer],
    source: fileSource({ name: `${name}_log`, path: `${name}.parquet`, eventTimestamp: 'event_timestamp' }),
    features: Object.fromEntries(features.map(feature => [feature.name, feature.type])),
    ttl: days(TTL_DAYS),
  })

const narrow = VIEWS.map(name => view(name, featuresOf(name)))
const wide = WIDTHS.map(width => view(`wide_${width}`, wideFeatures(width)))

/** Services: `one` has a view, `both` have two, `wide_n` n features of one. */
export const definitions: readonly unknown[] = [
  customer,
  ...narrow,
  ...wide,
  featureService({ name: 'one', features: narrow.slice(0, 1) }),
  featureService({ name: 'both', features: narrow }),
  ...wide.map((one, i) => featureService({ name: `wide_${WIDTHS[i]}`, features: [one] })),
]
