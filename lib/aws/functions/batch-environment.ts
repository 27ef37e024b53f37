/** Environment and dependencies of the workflow's functions. */
import * as z from 'zod/mini'
import { type BatchContext, batchWorld, type Work } from './batch-world.ts'
import { named, PLAN_PATH, parseEnvironment, planAt, type Variables } from './environment.ts'

const Environment = z.object({
  AWS_REGION: named('the region of the store'),
  QUERN_BUCKET: named('the name of the offline bucket (S3)'),
  QUERN_DATABASE: named('the name of the offline database (Glue)'),
  QUERN_WORKGROUP: named("the name of the store's workgroup (Athena)"),
  QUERN_ONLINE_TABLE: named('the name of the online table (DynamoDB)'),
  QUERN_PLAN: PLAN_PATH,
})

/** @returns a function that creates the dependencies of a unit of work */
export async function deployedBatchWorld(
  variables: Variables = process.env,
): Promise<(work: Work) => BatchContext> {
  const environment = parseEnvironment(Environment, variables)
  return batchWorld(await planAt(environment.QUERN_PLAN), {
    region: environment.AWS_REGION,
    bucket: environment.QUERN_BUCKET,
    database: environment.QUERN_DATABASE,
    workGroup: environment.QUERN_WORKGROUP,
    table: environment.QUERN_ONLINE_TABLE,
  })
}
