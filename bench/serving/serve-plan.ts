/** A plan's serving function behind the local HTTP front, until its process is told to end. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { embeddedMetrics } from '../../lambdas/embedded-metrics.ts'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { dynamoOnlineStore } from '../../lib/aws/dynamodb/dynamo-online-store.ts'
import { startHttpFront } from '../../lib/local/http/http-front.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import { received, tell } from '../phase.ts'

export interface ServeInput {
  readonly endpoint: string
  readonly table: string
}

export interface ServeReady {
  readonly url: string
  readonly pid: number
}

/** @param nowMs where its clock stands, in milliseconds since 1970 */
export async function servePlan(plan: Plan, nowMs: number): Promise<void> {
  const { endpoint, table } = await received<ServeInput>()
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials })
  const world = { plan, online: dynamoOnlineStore({ client, table }), clock: { now: () => nowMs } }
  // As it is deployed, with a line of log and one of metrics for each request.
  const metrics = embeddedMetrics({ namespace: 'quern', serviceName: 'quern-serving' })
  const front = await startHttpFront({ handler: getOnlineFeatures(world, { metrics }) })
  await tell({ url: `${front.url}/get-online-features`, pid: process.pid } satisfies ServeReady)
  await received()
  await front.close()
  client.destroy()
  process.disconnect()
}
