/** A small store with parameters for every part, for tests of changes. */
import {
  consumer,
  entity,
  type FeatureView,
  featureService,
  featureView,
  fileSource,
  hours,
  minutes,
  pick,
  viewSource,
} from 'quern'
import { type Lock, lifecycleOf, lockOf } from '../../lib/change/lock.ts'
import { compile } from '../../lib/compiler/compile.ts'
import type { Plan } from '../../lib/plan/plan.ts'

type Change = Readonly<Record<string, unknown>>

export interface StoreChange {
  readonly source?: Change
  readonly joinKeys?: Readonly<Record<string, 'string' | 'int64'>>
  readonly weather?: Change
  /** Additional definitions that use the view. */
  readonly more?: (weather: FeatureView) => readonly unknown[]
  /** Null: no service. */
  readonly service?: ((weather: FeatureView) => Change) | null
  readonly reader?: ((weather: FeatureView) => Change) | null
  /** Whether another view reads the view. @default false */
  readonly above?: boolean
}

export function definitions(change: StoreChange = {}): readonly unknown[] {
  const airport = entity({ name: 'airport', joinKeys: change.joinKeys ?? { airport: 'string' } })
  const source = {
    ...fileSource({ name: 'rows', path: 'rows.csv', eventTimestamp: 'happened', columns: { raw: 'string' } }),
    ...change.source,
  }
  const weather = featureView({
    name: 'weather',
    entities: [airport],
    source,
    transformation: 'select airport, happened, temp, wind from source',
    features: { temp: 'float64', wind: { type: 'string', pii: true } },
    ttl: hours(3),
    maxStaleness: minutes(1),
    owner: 'ann@example.com',
    ...change.weather,
  })
  const above = featureView({
    name: 'above',
    entities: [airport],
    source: viewSource({ view: 'weather', version: 1 }),
    features: { temp: 'float64' },
  })
  const service = featureService({
    name: 'delay',
    features: [pick(weather, ['temp', 'wind'])],
    ...change.service?.(weather),
  })
  const reader = consumer({
    name: 'reader',
    principals: [ROLE],
    grants: [pick(weather, ['temp', 'wind'])],
    ...change.reader?.(weather),
  })
  return [
    weather,
    ...(change.above === true ? [above] : []),
    ...(change.service === null ? [] : [service]),
    ...(change.reader === null ? [] : [reader]),
    ...(change.more?.(weather) ?? []),
  ]
}

export const ROLE = 'arn:aws:iam::123456789012:role/reader'

export const planOf = (change?: StoreChange, lock: Lock | null = null): Plan =>
  compile(definitions(change), lifecycleOf(lock))

export const lockedAs = (change?: StoreChange): Lock => lockOf(planOf(change), null)
