/** Environment and dependencies of the function behind `POST /push/{source}`. */
import { KinesisClient } from '@aws-sdk/client-kinesis'
import * as z from 'zod/mini'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import type { StreamRecord } from '../../online/push/pushed-events.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Clock } from '../../runtime.ts'
import { type KinesisPushProps, sendRecords } from '../streams/kinesis-push.ts'
import { named, PLAN_PATH, parseEnvironment, planAt, type Variables } from './environment.ts'

const Environment = z.object({
  AWS_REGION: named('the region of the store'),
  QUERN_STREAM: named("the name of the store's stream (Kinesis)"),
  QUERN_PLAN: PLAN_PATH,
})

export interface DeployedEventsContext {
  readonly plan: Plan
  readonly clock: Clock
  readonly send: (records: readonly StreamRecord[]) => Promise<void>
}

/** Time-outs short enough that all attempts end before the function does. */
const CLIENT = {
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: 500,
    requestTimeout: 1_500,
    socketTimeout: 1_500,
    throwOnRequestTimeout: true,
  },
}

/** All attempts fit into the request's time. A client without a response sends again; duplicates are ignored. */
const RETRY = { attempts: 5, capMs: 400 }

/** @throws {OnlineStoreError} if records stay unsent */
export const sendTo = (props: KinesisPushProps) => async (records: readonly StreamRecord[]) => {
  await sendRecords(props, records).catch((cause: unknown) => {
    throw new OnlineStoreError('the stream did not take all events', { retryable: true, keys: [], cause })
  })
}

export async function deployedEventsWorld(
  variables: Variables = process.env,
): Promise<DeployedEventsContext> {
  const {
    AWS_REGION: region,
    QUERN_STREAM: streamName,
    QUERN_PLAN,
  } = parseEnvironment(Environment, variables)
  const kinesis = new KinesisClient({ region, ...CLIENT })
  return {
    plan: await planAt(QUERN_PLAN),
    clock: { now: Date.now },
    send: sendTo({ kinesis, streamName, retry: RETRY }),
  }
}
