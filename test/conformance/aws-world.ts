/** The AWS side of the store, on the lane's servers: quern's own adapters and the SDK's own clients. */
import { randomUUID } from 'node:crypto'
import { AthenaClient } from '@aws-sdk/client-athena'
import { GlueClient } from '@aws-sdk/client-glue'
import { S3Client } from '@aws-sdk/client-s3'
import {
  type AthenaEngine,
  type AthenaEngineProps,
  athenaEngine,
} from '../../lib/aws/athena/athena-engine.ts'
import {
  type IcebergOfflineStore,
  type IcebergOfflineStoreProps,
  icebergOfflineStore,
} from '../../lib/aws/athena/iceberg-offline-store.ts'
import { gluePushedLines } from '../../lib/aws/athena/pushed-tables.ts'
import type { PushedLines } from '../../lib/runtime.ts'
import type { Lane } from './lane.ts'

export interface AwsWorld {
  readonly athena: AthenaClient
  readonly glue: GlueClient
  readonly s3: S3Client
  readonly engine: AthenaEngine
  readonly offline: IcebergOfflineStore
  readonly pushedLines: PushedLines
  readonly database: string
  /** An engine with other props. */
  readonly engineWith: (props: Partial<AthenaEngineProps>) => AthenaEngine
  /** An offline store with other props. */
  readonly offlineWith: (props: Partial<IcebergOfflineStoreProps>) => IcebergOfflineStore
  /** An unused location in S3. */
  readonly location: (name: string) => string
  readonly close: () => void
}

export function awsWorld(): AwsWorld {
  const text = process.env['QUERN_LANE']
  if (text === undefined) throw new Error('the servers are not there; run the lane: npm run conformance')
  const lane = JSON.parse(text) as Lane
  const client = (endpoint: string) => ({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const athena = new AthenaClient(client(lane.athena))
  const glue = new GlueClient(client(lane.moto))
  const s3 = new S3Client({ ...client(lane.moto), forcePathStyle: true })
  const root = `s3://${lane.bucket}`
  const engineWith = (props: Partial<AthenaEngineProps>): AthenaEngine =>
    athenaEngine({
      athena,
      s3,
      workGroup: 'quern',
      database: lane.database,
      scratchLocation: `${root}/scratch`,
      ...props,
    })
  const engine = engineWith({})
  const offlineWith = (props: Partial<IcebergOfflineStoreProps>): IcebergOfflineStore =>
    icebergOfflineStore({
      engine,
      glue,
      s3,
      database: lane.database,
      location: `${root}/offline`,
      ...props,
    })
  return {
    athena,
    glue,
    s3,
    engine,
    offline: offlineWith({}),
    offlineWith,
    pushedLines: gluePushedLines({
      s3,
      database: lane.database,
      location: `${root}/pushed`,
      clock: { now: Date.now },
      settledMs: 0,
    }),
    database: lane.database,
    engineWith,
    location: name => `${root}/${randomUUID()}/${name}`,
    close: () => {
      for (const each of [athena, glue, s3]) each.destroy()
    },
  }
}
