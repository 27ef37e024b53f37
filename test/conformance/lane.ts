/** The whole lane's servers: S3 and Glue, Trino over them, Athena's protocol over Trino. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { startAthenaServer } from './athena-server.ts'
import { startMoto } from './moto.ts'
import { startTrino } from './trino.ts'

/** Where the servers are, and what was made in them. */
export interface Lane {
  /** Athena's. */
  readonly athena: string
  /** S3's and Glue's. */
  readonly moto: string
  readonly trino: string
  readonly bucket: string
  readonly database: string
}

const BUCKET = 'quern-conformance'
const DATABASE = 'quern'

const client = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
})

export async function startLane(): Promise<Lane & { readonly close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'quern-conformance-'))
  const closing: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  const close = async (): Promise<void> => {
    for (const end of closing.reverse()) await end()
  }
  try {
    const moto = await startMoto(join(folder, 'moto'))
    closing.push(moto.close)
    const s3 = new S3Client({ ...client(moto.endpoint), forcePathStyle: true })
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
    const glue = new GlueClient(client(moto.endpoint))
    const LocationUri = `s3://${BUCKET}/${DATABASE}`
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: DATABASE, LocationUri } }))
    const trino = await startTrino({
      folder: join(folder, 'trino'),
      endpoint: moto.endpoint,
      warehouse: `s3://${BUCKET}/warehouse`,
    })
    closing.push(trino.close)
    const athena = await startAthenaServer(trino.url)
    closing.push(athena.close)
    return {
      athena: athena.endpoint,
      moto: moto.endpoint,
      trino: trino.url,
      bucket: BUCKET,
      database: DATABASE,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
