/** Makes a training set of ten million rows, and prints what is in it and what memory the process took. */
import { viewOf } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { open } from './tills.ts'

const ROWS = 10_000_000

await using store = await open()
await ingest(store, viewOf(store.plan, 'sales@1'))
const trade = store.plan.services['trade']
if (trade === undefined) throw new Error('the plan has no service trade')
const spine = `
  select '00' || cast(r % 10 as varchar) as shop, timestamp '2024-01-01' + interval '1' second * (r / 100) as event_timestamp, r as label
  from (select x * 1000 + y as r from unnest(sequence(0, ${ROWS / 1000 - 1})) as a(x) cross join unnest(sequence(0, 999)) as b(y)) t`
const { path, manifest } = await buildTrainingSet(store, trade, { spine })
const [row] = await store.engine.rows(
  `select count(*) as seen, count_if(amount = label % 10 - 6) as good from ${store.engine.files([path], 'parquet')} where amount is not null`,
)
const megabytes = process.resourceUsage().maxRSS / 1_024
const { rows } = manifest
process.stdout.write(
  JSON.stringify({ rows, seen: Number(row?.['seen']), good: Number(row?.['good']), megabytes }),
)
