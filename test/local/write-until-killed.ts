/** A process of its own: owns the store at a path, writes item after item, and prints how many are acknowledged. */
import { dynamoOnlineStore } from '../../lib/aws/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamo-online-table.ts'
import { connectOrStart } from '../../lib/local/embedded-dynamodb.ts'
import { encodeItem } from '../../lib/online/item.ts'
import { weather } from '../online/plans.ts'

const [, , path = '', table = ''] = process.argv
const BATCH = 50
const row = { eventTimestamp: 1n, createdTimestamp: null, rowHash: '', features: [1n, 2] }

const client = (await connectOrStart({ path })).client()
await createOnlineTable(client, table)
const store = dynamoOnlineStore({ client, table })
for (let n = 0; ; n += BATCH) {
  await store.write(
    Array.from({ length: BATCH }, (_, i) => encodeItem(weather, { ...row, keys: [`n-${n + i}`] })),
  )
  console.log(n + BATCH)
}
