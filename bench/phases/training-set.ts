/** The spine of a file → a training set of both views' features, as Parquet with its manifest. */
import { join } from 'node:path'
import { findService } from '../../lib/verbs/tables/open-origin.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { openBenchStore, type StorePlace } from '../bench-store.ts'
import { SERVICE } from '../definitions.ts'
import { type Cost, measured, phase } from '../phase.ts'

export interface TrainingSetInput extends StorePlace {
  readonly out: string
}

export interface TrainingSetResult extends Cost {
  readonly rows: number
}

await phase<TrainingSetInput>(async ({ out, ...place }): Promise<TrainingSetResult> => {
  await using store = await openBenchStore(place)
  const service = findService(store.plan, SERVICE)
  const spine = join(place.project, 'data', 'spine.parquet')
  const { value, cost } = await measured(() =>
    buildTrainingSet({ ...store, principal: 'bench' }, service, { spine, out }),
  )
  if (value.reused) throw new Error(`${out} stood there already; nothing was measured`)
  return { ...cost, rows: value.manifest.rows }
})
