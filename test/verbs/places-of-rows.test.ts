/** Errors of refused rows name the file and line, in every query that reads the source. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import type { ValueType } from '../../lib/definition/value-types.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { findService } from '../../lib/verbs/tables/open-origin.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

const NOW = Date.UTC(2024, 0, 10)
const ent = entity({ name: 'ent', joinKeys: { id: 'string' } })

interface Given {
  readonly path?: string
  readonly columns?: Readonly<Record<string, ValueType>>
  readonly type?: ValueType
  readonly transformation?: string
  readonly pii?: boolean
}

const DECLARED = { id: 'string', ts: 'timestamp', qty: 'int32' } as const

function definitions({
  path = 'in/*.csv',
  columns = DECLARED,
  type = 'int32',
  transformation,
  pii = false,
}: Given = {}) {
  const source = fileSource({
    name: 'src',
    path,
    eventTimestamp: 'ts',
    columns,
    ...(path.endsWith('*.csv*') ? { format: 'csv' } : {}),
  })
  const v = featureView({
    name: 'v',
    entities: [ent],
    source,
    ...(transformation === undefined ? {} : { transformation }),
    features: { qty: pii ? { type, pii: true, mask: 'null' } : type },
  })
  return [featureService({ name: 'svc', features: [v] })]
}

const opened = (given: Given = {}): Promise<TemporaryStore> =>
  temporaryStore({ definitions: definitions(given), now: NOW })

async function put(store: TemporaryStore, name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(store.root, 'in'), { recursive: true })
  await writeFile(join(store.root, name), content)
}

const ingested = (store: TemporaryStore) => ingest(store, viewOf(store.plan, 'v@1'))

const GOOD = 'id,ts,qty\na,2024-01-01,1\n'

describe('a value that is not of its declared type is refused', () => {
  it('with its file and line in CSV, behind line breaks, blank lines and in a compressed file', async () => {
    await using store = await opened({ path: 'in/*.csv*' })
    await put(store, 'in/a.csv', GOOD)
    await put(store, 'in/b.csv', 'id,ts,qty\r\n"two\nlines",2024-01-01,1\r\n\r\nb,2024-01-01,1_000\r\n')
    await put(store, 'in/c.csv.gz', gzipSync(`${GOOD}c,2024-02-30,2\n`))
    await expect(ingested(store)).rejects.toThrow(
      /column qty \(int32\): 1 rows; column ts \(timestamp\): 1 rows; such as in\/b.csv line 5: id=b .* qty=1_000 \(qty\); in\/c.csv.gz line 3: .* ts=2024-02-30 \(ts\); int32 is a whole number from -2147483648 to 2147483647; timestamp is YYYY-MM-DD.*correct them/,
    )
  })

  it('with its line in JSON lines', async () => {
    await using store = await opened({ path: 'in/*.jsonl' })
    await put(
      store,
      'in/a.jsonl',
      '{"id":"a","ts":"2024-01-01","qty":1}\n\n{"id":"b","ts":"2024-01-01","qty":1.5}\n',
    )
    await expect(ingested(store)).rejects.toThrow(/in\/a.jsonl line 3: id=b ts=2024-01-01 qty=1.5/)
  })

  it('with its row in Parquet', async () => {
    await using store = await opened({ path: 'in/*.parquet' })
    await put(store, 'in/x', '')
    const table = "select * from (values ('a', 1.0), ('b', 2.5)) t (id, qty)"
    for (const name of ['a', 'b'])
      await store.engine.rows(
        `copy (select id, qty, timestamp '2024-01-01' as ts from (${table})) to '${join(store.root, 'in', name)}.parquet'`,
      )
    await expect(ingested(store)).rejects.toThrow(
      /such as in\/a.parquet row 2: id=b ts=2024-01-01 00:00:00 qty=2.5 \(qty\); in\/b.parquet row 2: .* qty=2.5/,
    )
  })

  it('without the value if the column is PII', async () => {
    await using store = await opened({ pii: true })
    await put(store, 'in/a.csv', `${GOOD}a,2024-01-02,secret\n`)
    await expect(ingested(store)).rejects.toThrow(/in\/a.csv line 3: .* qty=\(masked\)/)
    await expect(ingested(store)).rejects.toThrow(/^(?!.*secret)/)
  })

  it('in a view over undeclared columns too, and after a SELECT with a hint how to get the line', async () => {
    await using store = await opened({ columns: {} })
    await put(store, 'in/a.csv', `${GOOD}a,2024-01-02,ten\n`)
    await expect(ingested(store)).rejects.toThrow(/in\/a.csv line 3: id=a event_timestamp=2024-01-02 qty=ten/)
    await using selected = await opened({ columns: {}, transformation: 'select id, ts, qty from source' })
    await put(selected, 'in/a.csv', `${GOOD}a,2024-01-02,ten\n`)
    await expect(ingested(selected)).rejects.toThrow(
      /qty=ten.*columns that the source declares are refused with their file and line/,
    )
  })

  it('in a spine', async () => {
    await using store = await opened()
    await put(store, 'in/a.csv', GOOD)
    await ingested(store)
    await writeFile(join(store.root, 'spine.csv'), 'id,event_timestamp\na,2024-01-05\na,yesterday\n')
    await expect(
      buildTrainingSet(store, findService(store.plan, 'svc'), { spine: 'spine.csv' }),
    ).rejects.toThrow(
      /1 rows are not of their types, the first of them row 2: .*spine.csv line 3: id=a event_timestamp=yesterday/,
    )
  })
})

it('a timestamp column with and without zones is refused with an example of each and its line', async () => {
  await using store = await opened()
  await put(store, 'in/a.csv', GOOD)
  await put(store, 'in/b.csv', 'id,ts,qty\nb,2024-01-01T10:00Z,1\nb,2024-01-01T11:00,1\n')
  await expect(ingested(store)).rejects.toThrow(
    /'2024-01-01T10:00Z' in in\/b.csv line 2 and '2024-01-01T11:00' in in\/b.csv line 3/,
  )
})

it.each([
  ['bool', 'yes', 'true or false'],
  ['float64', '1e400', 'a number within ±1.8e308'],
  ['float64', '9'.repeat(400), 'a number within ±1.8e308'],
  ['float32', '1e39', 'a number within ±3.4e38'],
] as const)('what one engine reads and the next does not is refused: %s %s', async (type, text, form) => {
  await using store = await opened({ columns: { ...DECLARED, qty: type }, type })
  await put(store, 'in/a.csv', `${GOOD}a,2024-01-02,${text}\n`)
  await expect(ingested(store)).rejects.toThrow(
    new RegExp(`in/a.csv line 3: .* qty=${text.slice(0, 60)} \\(qty\\); ${type} is ${form}`),
  )
})

it('a text of infinity is converted to infinity', async () => {
  await using store = await opened({ columns: { ...DECLARED, qty: 'float64' }, type: 'float64' })
  await put(store, 'in/a.csv', `${GOOD}a,2024-01-02,-Infinity\na,2024-01-03,inf\n`)
  expect(await ingested(store)).toMatchObject({ added: 3 })
})

it('ingest counts rows without a key or event timestamp, and names the line of the first', async () => {
  await using store = await opened()
  await put(store, 'in/a.csv', GOOD)
  await put(store, 'in/b.csv', `${GOOD},2024-01-02,1\nb,,1\n`)
  expect(await ingested(store)).toMatchObject({ added: 1, unusable: 2, firstUnusable: 'in/b.csv line 3' })
})
