/** Dependencies of the workflow's functions: shared clients, and an engine for each unit of work. */
import { AthenaClient } from '@aws-sdk/client-athena'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { GlueClient } from '@aws-sdk/client-glue'
import { S3Client } from '@aws-sdk/client-s3'
import type { Plan } from '../../plan/plan.ts'
import type { Clock, ObjectStore, PushedLines, RemovableOnlineStore, SourceReader } from '../../runtime.ts'
import { type AthenaEngine, athenaEngine } from '../athena/athena-engine.ts'
import { glueSources } from '../athena/glue-sources.ts'
import { type IcebergOfflineStore, icebergOfflineStore } from '../athena/iceberg-offline-store.ts'
import { gluePushedLines } from '../athena/pushed-tables.ts'
import { once, type ResumableInvocation } from '../athena/resumable-invocation.ts'
import { dynamoOnlineStore } from '../dynamodb/dynamo-online-store.ts'
import { s3ObjectStore } from '../s3/s3-object-store.ts'
import type { StorePlace } from '../store-place.ts'

export interface BatchContext {
  readonly plan: Plan
  readonly engine: AthenaEngine
  readonly offline: IcebergOfflineStore
  readonly online: RemovableOnlineStore
  readonly objects: ObjectStore
  readonly sources: SourceReader
  readonly pushedLines: PushedLines
  readonly glue: GlueClient
  /** Glue database. */
  readonly database: string
  readonly clock: Clock
}

/** One unit of work. */
export interface Work {
  /** The invocation to resume. @default none: all queries are new */
  readonly replay?: ResumableInvocation
  /** Deadline, in milliseconds since 1970; see {@link QueryRunning}. @default no deadline */
  readonly until?: number
  /** @default the machine's */
  readonly clock?: Clock
}

/** The SDK's adaptive retry mode slows down when a service throttles. */
const CALM = { retryMode: 'adaptive', maxAttempts: 5 }

/** @returns a function that creates the dependencies of a unit of work: each has its own engine, all share the clients */
export function batchWorld(plan: Plan, place: StorePlace): (work: Work) => BatchContext {
  const { region, bucket, database, workGroup, table } = place
  const athena = new AthenaClient({ region, ...CALM })
  const glue = new GlueClient({ region, ...CALM })
  const s3 = new S3Client({ region, ...CALM })
  const dynamo = new DynamoDBClient({ region })
  const root = `s3://${bucket}`
  const online = dynamoOnlineStore({ client: dynamo, table, consistentRead: true })
  const sources = glueSources({ glue })
  return ({ replay = once(), until, clock = { now: Date.now } }) => {
    const engine = athenaEngine({
      athena,
      s3,
      workGroup,
      database,
      scratchLocation: `${root}/scratch`,
      replay,
      ...(until === undefined ? {} : { until }),
    })
    return {
      plan,
      engine,
      glue,
      database,
      clock,
      online,
      sources,
      pushedLines: gluePushedLines({ s3, database, location: `${root}/pushed`, clock }),
      offline: icebergOfflineStore({ engine, glue, s3, database, location: `${root}/offline` }),
      objects: s3ObjectStore({ s3, root, onRemove: engine.drop, replay }),
    }
  }
}
