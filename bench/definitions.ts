/** The bench's store, as a user of quern would define it. */
import { days, entity, featureService, featureView, fileSource } from '../lib/definition/index.ts'
import { featuresOf, TTL_DAYS, VIEWS, type ViewName } from './data.ts'

const customer = entity({ name: 'customer', joinKeys: { customer_id: 'int64' } })

const view = (name: ViewName) =>
  featureView({
    name,
    entities: [customer],
    source: fileSource({
      name: `${name}_log`,
      path: `data/${name}.parquet`,
      eventTimestamp: 'event_timestamp',
    }),
    features: Object.fromEntries(featuresOf(name).map(feature => [feature.name, feature.type])),
    ttl: days(TTL_DAYS),
  })

const views = VIEWS.map(view)

export const SERVICE = 'churn'

export const definitions: readonly unknown[] = [
  customer,
  ...views,
  featureService({ name: SERVICE, features: views }),
]
