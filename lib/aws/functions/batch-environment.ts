/** What the workflow's functions are told, and the world made from it. */
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

/** The world for each piece of work of a deployed function. */
export async function deployedBatchWorld(
  variables: Variables = process.env,
): Promise<(work: Work) => BatchContext> {
  const told = parseEnvironment(Environment, variables)
  return batchWorld(await planAt(told.QUERN_PLAN), {
    region: told.AWS_REGION,
    bucket: told.QUERN_BUCKET,
    database: told.QUERN_DATABASE,
    workGroup: told.QUERN_WORKGROUP,
    table: told.QUERN_ONLINE_TABLE,
  })
}
