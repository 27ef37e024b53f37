/** Makes a training set of ten million rows, and prints what is in it and what memory the process took. */
import { viewOf } from '../../lib/compiler/plan.ts'
import { ingest } from '../../lib/verbs/ingest.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set.ts'
import { open } from './tills.ts'

const ROWS = 10_000_000

await using store = await open()
await ingest(store, viewOf(store.plan, 'sales@1'))
const trade = store.plan.services['trade']
if (trade === undefined) throw new Error('the plan has no service trade')
const spine = `select '00' || (r % 10) as shop, timestamp '2024-01-01' + to_seconds(r // 100) as event_timestamp, r as label from range(${ROWS}) t(r)`
const { path, manifest } = await buildTrainingSet(store, trade, { spine })
const [row] = await store.engine.rows(
  `select count(*) as seen, count_if(amount = label % 10 - 6) as good from ${store.engine.files([path], 'parquet')} where amount is not null`,
)
const megabytes = process.resourceUsage().maxRSS / 1_024
const { rows } = manifest
process.stdout.write(
  JSON.stringify({ rows, seen: Number(row?.['seen']), good: Number(row?.['good']), megabytes }),
)
