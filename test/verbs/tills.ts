/** A small store for what is put into it wrongly. */

import { entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import type { Column } from '../../lib/plan/plan.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

const T = 1_704_067_200_000_000n

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const tills = fileSource({ name: 'tills', path: 'tills.parquet', eventTimestamp: 'at' })
export const sales = featureView({
  name: 'sales',
  entities: [shop],
  source: tills,
  features: { amount: 'int64' },
})
const service = featureService({ name: 'trade', features: [sales] })

const COLUMNS: readonly Column[] = [
  { name: 'shop', type: 'string' },
  { name: 'at', type: 'timestamp' },
  { name: 'amount', type: 'int64' },
]
const ROWS: readonly (readonly Value[])[] = [
  ['007', T, 1n],
  ['008', T, 2n],
]

/** With two rows of 2024-01-01T00:00:00Z, when its clock stands. */
export async function open(definitions: readonly unknown[] = [service]): Promise<TemporaryStore> {
  const store = await temporaryStore({ definitions, now: Number(T / 1_000n) })
  await store.writeSource('tills.parquet', COLUMNS, ROWS)
  return store
}
