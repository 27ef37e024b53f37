/**
 * Runs as a separate process: opens the online store in a folder, writes items one by one, and prints the number of
 * acknowledged items.
 */
import { openSqliteOnlineStore } from '../../lib/local/online/sqlite-online-store.ts'
import { encodeItem } from '../../lib/online/item/item.ts'
import { weather } from '../online/plans.ts'

const [, , folder = '', name = 'n'] = process.argv
const BATCH = 50
const row = { eventTimestamp: 1n, createdTimestamp: null, rowHash: '', features: [1n, 2] }

const store = await openSqliteOnlineStore(folder)
for (let n = 0; ; n += BATCH) {
  await store.write(
    Array.from({ length: BATCH }, (_, i) => encodeItem(weather, { ...row, keys: [`${name}-${n + i}`] })),
  )
  console.log(n + BATCH)
}
