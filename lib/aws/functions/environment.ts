/** The only reader of the environment: what a deployed function is told, checked, and the world made from it. */

import { readFile } from 'node:fs/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod/mini'
import type { Plan } from '../../plan/plan.ts'
import type {
  FeatureLogging,
  ObjectStore,
  OnlineStore,
  RolloutConfigurationStore,
  ServingContext,
} from '../../runtime.ts'
import { dynamoOnlineStore } from '../dynamodb/dynamo-online-store.ts'

/** A variable that must be there; `what` stands in the message if it is not. */
export const named = (what: string) => z.string(what).check(z.minLength(1, what))

/** Where the plan is: beside the bundle unless it is said. */
export const PLAN_PATH = z._default(z.string(), new URL('plan.json', import.meta.url).pathname)

const positive = (what: string) => z.coerce.number().check(z.positive(what))

const A_SHARE = 'the share of requests whose answers are recorded, from 0 to 1'

const Environment = z
  .object({
    QUERN_ONLINE_TABLE: named('the name of the online table (DynamoDB)'),
    AWS_REGION: named('the region of the online table'),
    /** Needed where consumers see hashes: who has it can find a value by trying all that there are. */
    QUERN_MASK_SECRET: z.optional(
      z.string().check(z.minLength(32, 'the key of hashes, 32 characters and more, random')),
    ),
    /** What a request may take, in milliseconds. */
    QUERN_BUDGET_MS: z.optional(positive('the milliseconds that a request may take, more than 0')),
    /** The discovery endpoint of a DAX cluster, where there is one. */
    QUERN_DAX_ENDPOINT: z.optional(named('the discovery endpoint of the DAX cluster, such as dax://…')),
    /** `<application>/<environment>/<profile>` in AppConfig. Without it no rollout is known. */
    QUERN_ROLLOUTS: z.optional(
      z.string().check(z.regex(/^[^/]+\/[^/]+\/[^/]+$/, 'the place of the rollouts in AppConfig, a/b/c')),
    ),
    /** Where other plans lie. */
    QUERN_BUCKET: z.optional(named('the name of the offline bucket (S3)')),
    /** Of requests whose answers are recorded. */
    QUERN_RECORD_SHARE: z.optional(z.coerce.number().check(z.gte(0, A_SHARE), z.lte(1, A_SHARE))),
    /** Where to: a delivery stream to the offline bucket (Data Firehose). Without it none is recorded. */
    QUERN_RECORD_STREAM: z.optional(named('the name of the delivery stream of recorded answers')),
    QUERN_DAX_ITEM_TTL_MS: z.optional(positive('the milliseconds that the DAX cluster keeps an item')),
    QUERN_PLAN: PLAN_PATH,
  })
  .check(
    z.refine(
      ({ QUERN_DAX_ENDPOINT: endpoint, QUERN_DAX_ITEM_TTL_MS: ttl }) =>
        endpoint === undefined || ttl !== undefined,
      {
        path: ['QUERN_DAX_ITEM_TTL_MS'],
        error: 'the milliseconds that the DAX cluster keeps an item, where there is QUERN_DAX_ENDPOINT',
      },
    ),
  )

/** Variables by name, as in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>

/** What a function is told, checked. @throws an error that names every variable that is missing or wrong, and what it is for */
export function parseEnvironment<S extends z.ZodMiniType>(schema: S, variables: Variables): z.infer<S> {
  const { data, error } = schema.safeParse(variables)
  if (error === undefined) return data
  const wrong = error.issues.map(({ path, message }) => `${path.join('.')} must be ${message}`)
  throw new Error(`the environment is not complete: ${wrong.join('; ')}`)
}

/** The plan that the bundle was compiled for. */
export async function planAt(path: string): Promise<Plan> {
  // Our own compiler wrote it, and the deploy put it there with this code; the form's number tells any other.
  const plan = JSON.parse(await readFile(path, 'utf8')) as Plan
  if (plan.format !== 1)
    throw new Error(`${path} (QUERN_PLAN) is no plan of format 1; deploy it anew with this code`)
  return plan
}

/** Waits of which several fit into a request's time: an answer that does not come is asked for again. */
const CLIENT = {
  requestHandler: {
    connectionTimeout: 400,
    requestTimeout: 600,
    socketTimeout: 600,
    // Without it the SDK only warns.
    throwOnRequestTimeout: true,
  },
}

/** The store on the table, read through a DAX cluster where there is one; its client is loaded only then. */
async function onlineStore(plan: Plan, environment: z.infer<typeof Environment>): Promise<OnlineStore> {
  const { QUERN_ONLINE_TABLE: table, AWS_REGION: region } = environment
  const { QUERN_DAX_ENDPOINT: endpoint, QUERN_DAX_ITEM_TTL_MS: itemTtlMs } = environment
  const client = new DynamoDBClient({ region, ...CLIENT })
  const direct = dynamoOnlineStore({ client, table, retry: { attempts: 5, capMs: 200 } })
  if (endpoint === undefined || itemTtlMs === undefined) return direct
  const [{ daxReads }, { daxClient }] = await Promise.all([
    import('../dynamodb/dax-reads.ts'),
    import('../dynamodb/dax-client.ts'),
  ])
  return daxReads({ dax: daxClient({ endpoint, region }), direct, table, plan, itemTtlMs })
}

/** Beside the answers: calls that end, so that none piles up where a service hangs. */
const HELPER = {
  requestHandler: {
    // Of a refused connection the SDK ends this timer only from 2 s on; a shorter one keeps the process alive.
    connectionTimeout: 2_000,
    requestTimeout: 2_000,
    socketTimeout: 2_000,
    throwOnRequestTimeout: true,
  },
}

/** Where a deployed function hears of rollouts, and finds the plans that they name. */
export interface DeployedRollouts {
  readonly books: Pick<RolloutConfigurationStore, 'read'>
  /** Between two reads of the book, in milliseconds: it may not be read sooner. */
  readonly everyMs: number
  /** Opened when a rollout names another plan, or has a shadow. */
  readonly objects: () => Promise<ObjectStore>
}

async function rollouts(environment: z.infer<typeof Environment>): Promise<DeployedRollouts | null> {
  const { QUERN_ROLLOUTS: place, QUERN_BUCKET: bucket, AWS_REGION: region } = environment
  if (place === undefined || bucket === undefined) return null
  const [applicationId = '', environmentId = '', profileId = ''] = place.split('/')
  const [{ AppConfigDataClient }, { appConfigReader, PAUSE_MS }] = await Promise.all([
    import('@aws-sdk/client-appconfigdata'),
    import('../rollouts/appconfig-reader.ts'),
  ])
  const data = new AppConfigDataClient({ region, maxAttempts: 1, ...HELPER })
  return {
    books: appConfigReader({ data, applicationId, environmentId, profileId, retry: { attempts: 2 } }),
    everyMs: PAUSE_MS,
    objects: async () => {
      const [{ S3Client }, { s3ObjectStore }] = await Promise.all([
        import('@aws-sdk/client-s3'),
        import('../s3/s3-object-store.ts'),
      ])
      return s3ObjectStore({ s3: new S3Client({ region, ...HELPER }), root: `s3://${bucket}` })
    },
  }
}

/** Few attempts: what cannot be laid down soon is given up. */
const RECORD_RETRY = { attempts: 3, capMs: 500 }

async function recording(environment: z.infer<typeof Environment>): Promise<FeatureLogging | null> {
  const { QUERN_RECORD_SHARE: share = 0, QUERN_RECORD_STREAM: deliveryStream } = environment
  if (share === 0 || deliveryStream === undefined) return null
  const [{ FirehoseClient }, { firehoseFeatureLog: firehoseRecordedAnswers }] = await Promise.all([
    import('@aws-sdk/client-firehose'),
    import('../streams/firehose-feature-log.ts'),
  ])
  const firehose = new FirehoseClient({ region: environment.AWS_REGION, ...CLIENT })
  return { answers: firehoseRecordedAnswers({ firehose, deliveryStream, retry: RECORD_RETRY }), share }
}

export interface DeployedServingContext extends ServingContext {
  /** Null: the function is told of none. */
  readonly deployedRollouts: DeployedRollouts | null
}

/** What serving needs, in a deployed function. */
export async function servingWorld(variables: Variables = process.env): Promise<DeployedServingContext> {
  const environment = parseEnvironment(Environment, variables)
  const { QUERN_MASK_SECRET, QUERN_BUDGET_MS, QUERN_PLAN: path } = environment
  const plan = await planAt(path)
  const online = await onlineStore(plan, environment)
  const secret = QUERN_MASK_SECRET === undefined ? {} : { maskSecret: QUERN_MASK_SECRET }
  const budget = QUERN_BUDGET_MS === undefined ? {} : { budgetMs: QUERN_BUDGET_MS }
  const deployedRollouts = await rollouts(environment)
  const recorded = await recording(environment)
  const records = recorded === null ? {} : { recording: recorded }
  return { plan, online, clock: { now: Date.now }, deployedRollouts, ...secret, ...budget, ...records }
}
