/** The deployed serving function, its environment included, behind the local HTTP front, until it is told to end. */
import { writeFile } from 'node:fs/promises'
import { handler } from '../../lambdas/get-online-features.ts'
import { startHttpFront } from '../../lib/local/http/http-front.ts'
import { plan } from '../../test/aws/known-values.ts'
import { received, tell } from '../phase.ts'

export interface ServeInput {
  readonly endpoint: string
  readonly table: string
  /** Where the plan is put. */
  readonly planPath: string
}

export interface ServeReady {
  readonly url: string
  readonly pid: number
}

const { endpoint, table, planPath } = await received<ServeInput>()
await writeFile(planPath, JSON.stringify(plan))
Object.assign(process.env, {
  QUERN_ONLINE_TABLE: table,
  QUERN_PLAN: planPath,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL_DYNAMODB: endpoint,
})
const front = await startHttpFront({ handler })
await tell({ url: `${front.url}/get-online-features`, pid: process.pid } satisfies ServeReady)
await received()
await front.close()
process.disconnect()
