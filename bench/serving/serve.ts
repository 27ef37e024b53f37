/** quern's serving function behind the local HTTP front, in a process of its own, until it is told to end. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { embeddedMetrics } from '../../lambdas/embedded-metrics.ts'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { dynamoOnlineStore } from '../../lib/aws/dynamo-online-store.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { startHttpFront } from '../../lib/local/http-front.ts'
import { END_MS } from '../data.ts'
import { received, tell } from '../phase.ts'
import { definitions } from './definitions.ts'

export interface ServeInput {
  readonly endpoint: string
  readonly table: string
}

export interface ServeReady {
  readonly url: string
  readonly pid: number
}

const { endpoint, table } = await received<ServeInput>()
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const client = new DynamoDBClient({ endpoint, region: 'local', credentials })
const world = {
  plan: compile(definitions),
  online: dynamoOnlineStore({ client, table }),
  clock: { now: () => END_MS },
}
// As it is deployed, with a line of log and one of metrics for each request.
const metrics = embeddedMetrics({ namespace: 'quern', serviceName: 'quern-serving' })
const front = await startHttpFront({ handler: getOnlineFeatures(world, { metrics }) })
await tell({ url: `${front.url}/get-online-features`, pid: process.pid } satisfies ServeReady)
await received()
await front.close()
client.destroy()
process.disconnect()
