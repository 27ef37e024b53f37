/**
 * Parses environment variables of deployed functions and creates the dependencies of the serving function. No other
 * folder reads these variables.
 */

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

/** A required variable; `what` is the error message if it is missing. */
export const named = (what: string) => z.string(what).check(z.minLength(1, what))

/** Path of the plan. @default plan.json beside the bundle */
export const PLAN_PATH = z._default(z.string(), new URL('plan.json', import.meta.url).pathname)

const positive = (what: string) => z.coerce.number().check(z.positive(what))

const A_SHARE = 'the share of requests whose answers are recorded, from 0 to 1'

const Environment = z
  .object({
    QUERN_ONLINE_TABLE: named('the name of the online table (DynamoDB)'),
    AWS_REGION: named('the region of the online table'),
    /**
     * Key of the hash mask; required if consumers see hashes. Anyone who has it can recover values by trying all
     * candidates.
     */
    QUERN_MASK_SECRET: z.optional(
      z.string().check(z.minLength(32, 'the key of hashes, 32 characters and more, random')),
    ),
    /** Time budget of a request, in milliseconds. */
    QUERN_BUDGET_MS: z.optional(positive('the milliseconds that a request may take, more than 0')),
    /** Discovery endpoint of a DAX cluster. @default no DAX */
    QUERN_DAX_ENDPOINT: z.optional(named('the discovery endpoint of the DAX cluster, such as dax://…')),
    /** `<application>/<environment>/<profile>` in AppConfig. @default no rollouts */
    QUERN_ROLLOUTS: z.optional(
      z.string().check(z.regex(/^[^/]+\/[^/]+\/[^/]+$/, 'the place of the rollouts in AppConfig, a/b/c')),
    ),
    /** Offline bucket, which holds other plans. */
    QUERN_BUCKET: z.optional(named('the name of the offline bucket (S3)')),
    /** Share of requests whose responses go to the feature log. @default 0 */
    QUERN_RECORD_SHARE: z.optional(z.coerce.number().check(z.gte(0, A_SHARE), z.lte(1, A_SHARE))),
    /** Delivery stream of the feature log to the offline bucket (Data Firehose). @default no feature log */
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

/**
 * Parses and validates environment variables.
 * @throws {Error} that names every missing or wrong variable, and its purpose
 */
export function parseEnvironment<S extends z.ZodMiniType>(schema: S, variables: Variables): z.infer<S> {
  const { data, error } = schema.safeParse(variables)
  if (error === undefined) return data
  const wrong = error.issues.map(({ path, message }) => `${path.join('.')} must be ${message}`)
  throw new Error(`the environment is not complete: ${wrong.join('; ')}`)
}

/** Reads the plan that was deployed with the bundle. */
export async function planAt(path: string): Promise<Plan> {
  // The compiler wrote the file and the deploy packaged it with this code. The format number rejects any other
  // version.
  const plan = JSON.parse(await readFile(path, 'utf8')) as Plan
  if (plan.format !== 1)
    throw new Error(`${path} (QUERN_PLAN) is no plan of format 1; deploy it anew with this code`)
  return plan
}

/** Time-outs short enough that a request's time budget allows several attempts. */
const CLIENT = {
  requestHandler: {
    connectionTimeout: 400,
    requestTimeout: 600,
    socketTimeout: 600,
    // By default the SDK only logs a warning.
    throwOnRequestTimeout: true,
  },
}

/** The online store on the table, through DAX if a cluster is configured. The DAX client is loaded only then. */
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

/** Time-outs of calls outside the request path, so that calls do not pile up if a service hangs. */
const HELPER = {
  requestHandler: {
    // If a connection is refused, the SDK clears this timer only if it is at least 2 s. A shorter timer keeps the
    // process alive.
    connectionTimeout: 2_000,
    requestTimeout: 2_000,
    socketTimeout: 2_000,
    throwOnRequestTimeout: true,
  },
}

/** Access of a deployed function to the rollout configuration and the plans that it names. */
export interface DeployedRollouts {
  readonly books: Pick<RolloutConfigurationStore, 'read'>
  /** Minimum interval between two reads of the configuration, in milliseconds. */
  readonly everyMs: number
  /** Opens the object store; called when a rollout names another plan or has a shadow. */
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

/** Few attempts: the feature log drops records that it cannot write soon. */
const RECORD_RETRY = { attempts: 3, capMs: 500 }

async function featureLogging(environment: z.infer<typeof Environment>): Promise<FeatureLogging | null> {
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
  /** Null: no rollouts are configured. */
  readonly deployedRollouts: DeployedRollouts | null
}

/** Creates the dependencies of the deployed serving function. */
export async function servingWorld(variables: Variables = process.env): Promise<DeployedServingContext> {
  const environment = parseEnvironment(Environment, variables)
  const { QUERN_MASK_SECRET, QUERN_BUDGET_MS, QUERN_PLAN: path } = environment
  const plan = await planAt(path)
  const online = await onlineStore(plan, environment)
  const secret = QUERN_MASK_SECRET === undefined ? {} : { maskSecret: QUERN_MASK_SECRET }
  const budget = QUERN_BUDGET_MS === undefined ? {} : { budgetMs: QUERN_BUDGET_MS }
  const deployedRollouts = await rollouts(environment)
  const recorded = await featureLogging(environment)
  const records = recorded === null ? {} : { recording: recorded }
  return { plan, online, clock: { now: Date.now }, deployedRollouts, ...secret, ...budget, ...records }
}
