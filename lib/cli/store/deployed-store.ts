/** Wires the store of one environment, as its deploy has left it: AWS does the work, this machine asks. */
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { AppConfigClient } from '@aws-sdk/client-appconfig'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { S3Client } from '@aws-sdk/client-s3'
import { SFNClient } from '@aws-sdk/client-sfn'
import { SSMClient } from '@aws-sdk/client-ssm'
import { batchWorld } from '../../aws/functions/batch-world.ts'
import { askServingApi } from '../../aws/functions/serving-api.ts'
import { stepFunctionsWorkflow } from '../../aws/functions/step-functions-workflow.ts'
import { appConfigRollouts } from '../../aws/rollouts/appconfig-rollouts.ts'
import { s3FeatureLog } from '../../aws/s3/s3-feature-log.ts'
import { uploadedSources } from '../../aws/s3/uploaded-sources.ts'
import { type StoreAddress, storeAddress } from '../../aws/store-address.ts'
import { sendRecords } from '../../aws/streams/kinesis-push.ts'
import { openDuckDb } from '../../local/engine/duckdb-engine.ts'
import { closeScratch, openScratch } from '../../local/files/scratch-folder.ts'
import { fileSources } from '../../local/sources/file-sources.ts'
import { PushError } from '../../online/push/push-error.ts'
import { storableLine } from '../../online/push/pushed-line.ts'
import { recordText } from '../../online/push/pushed-record.ts'
import { ROUTES } from '../../online/serving/routes.ts'
import type { Plan } from '../../plan/plan.ts'
import type { SourceReader } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import type { PushedRecord, PushReport, RefusedRecord } from '../../verbs/push/push.ts'
import { piiNames } from '../../verbs/tables/pii-columns.ts'
import { storedPlans } from '../../verbs/training-set/plans.ts'
import { say } from '../print/print.ts'
import { loadEnvironment } from '../project/load-environment.ts'
import { refuseDisagreement } from '../project/lock-agreement.ts'
import { storeFolder } from './local-store.ts'
import type { Store, StoreOnline, StoreRollouts } from './store.ts'

export interface DeployedStoreOptions {
  /** The project's folder, with `definitions/` in it. */
  readonly project: string
  readonly environment: string
  /** The definitions here may be another plan than what is deployed. */
  readonly anyPlan: boolean
}

/** @throws {StoreError} `bad-argument`, `store-unreachable`, `plan-differs` */
export async function openDeployedStore(options: DeployedStoreOptions): Promise<Store> {
  const { project, environment, anyPlan } = options
  const { plan, environment: chosen } = await loadEnvironment({ project, environment })
  if (!anyPlan) await refuseDisagreement(project, plan)
  const ssm = new SSMClient({ region: chosen.region })
  const address = await storeAddress(ssm, environment)
  ssm.destroy()
  if (!anyPlan && address.planHash !== plan.hash) throw differs(environment, plan, address)
  return deployed({ ...options, plan, address })
}

const differs = (environment: string, { hash }: Plan, { planHash }: StoreAddress): StoreError =>
  new StoreError(
    'plan-differs',
    `environment '${environment}' has plan ${planHash.slice(0, 12)}, the definitions here are plan ${hash.slice(0, 12)}; deploy them (npx cdk deploy --all -c env=${environment}), or go back to the definitions that are deployed`,
  )

interface Deployed extends DeployedStoreOptions {
  readonly plan: Plan
  readonly address: StoreAddress
}

async function deployed(props: Deployed): Promise<Store> {
  const { project, environment, plan, address } = props
  const world = batchWorld(plan, address)({})
  const scratch = await openScratch(storeFolder(project))
  const duckdb = await openDuckDb({ scratch })
  const s3 = new S3Client({ region: address.region })
  const sources: SourceReader = uploadedSources({
    files: fileSources({ root: project, engine: duckdb, scratch, hidden: piiNames(plan) }),
    engine: duckdb,
    scratch: name => join(scratch, name),
    s3,
    glue: world.glue,
    database: address.database,
    location: `s3://${address.bucket}/sources`,
    tables: world.sources,
  })
  const store: Store = {
    ...world,
    sources,
    records: s3FeatureLog({ s3, location: `s3://${address.bucket}/recorded` }),
    environment,
    principal: userInfo().username,
    openOnline: () => online(props, { ...store, online: world.online }),
    [Symbol.asyncDispose]: async () => {
      duckdb.close()
      s3.destroy()
      await closeScratch(storeFolder(project))
    },
  }
  return store
}

async function online(
  { address }: Deployed,
  store: Store & Pick<StoreOnline, 'online'>,
): Promise<StoreOnline> {
  const { region, stateMachineArn, apiUrl, streamName } = address
  const sfn = new SFNClient({ region })
  const kinesis = new KinesisClient({ region })
  const openOnline = async (): Promise<StoreOnline> => opened
  const opened: StoreOnline = {
    ...store,
    openOnline,
    workflow: onEvent =>
      stepFunctionsWorkflow({
        sfn,
        stateMachineArn,
        onEvent,
        onStart: arn => say(`    run ${arn}; it goes on if this command is ended`),
      }),
    ask: body =>
      askServingApi(
        { url: apiUrl, region, credentials: sfn.config.credentials },
        ROUTES.getOnlineFeatures.path,
        body,
      ),
    push: records => send({ kinesis, streamName }, records),
    rollouts: await rolloutsOf(address, store),
    [Symbol.asyncDispose]: async () => {
      sfn.destroy()
      kinesis.destroy()
    },
  }
  return opened
}

/** @throws {StoreError} `store-unreachable` if the deployed plan is not what the definitions are, and was not kept */
async function rolloutsOf(address: StoreAddress, { objects, plan }: Store): Promise<StoreRollouts> {
  const { region, planHash } = address
  const plans = storedPlans(objects)
  const deployed = planHash === plan.hash ? plan : await plans.find(planHash)
  if (deployed === null)
    throw new StoreError(
      'store-unreachable',
      `the store's bucket has no plan ${planHash.slice(0, 12)}, which is deployed; deploy again`,
    )
  const books = appConfigRollouts({
    control: new AppConfigClient({ region }),
    ...address.rollouts,
  })
  return { books, plans, plan: deployed }
}

/**
 * The function behind the stream takes them; what it refuses, it sets aside. What a record cannot hold is refused here: a
 * call of Kinesis with one such record takes none. A bare event says on the store's stream of
 * which stream it is.
 */
async function send(
  props: { readonly kinesis: KinesisClient; readonly streamName: string },
  records: readonly PushedRecord[],
): Promise<PushReport> {
  const refused: RefusedRecord[] = []
  const sent = records.flatMap(({ id, text, source }) => {
    try {
      return [{ key: id, text: storableLine(recordText(text, source), 'the record') }]
    } catch (error) {
      if (!(error instanceof PushError)) throw error
      refused.push({ id, reason: error.message })
      return []
    }
  })
  await sendRecords(props, sent)
  return { pushed: { [`stream ${props.streamName}`]: sent.length }, unkeyed: {}, refused, failed: [] }
}
