/**
 * The deployed lane: the example's templates, deployed by the real CDK command line to an emulator of AWS, and the main
 * job there. Athena's protocol alone is served by the conformance lane's Trino, which has its tables in the emulator's
 * S3 and Glue. Needs what that lane needs: `npm run deployed`. What the emulator cannot do: docs/aws.md.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAthenaServer } from '../conformance/athena-server.ts'
import { freePort } from '../conformance/server-process.ts'
import { startTrino } from '../conformance/trino.ts'
import { startEmulator } from './emulator.ts'

/** Of the environments in the lane's projects. */
export const REGION = 'eu-central-1'
/** The emulator's, of the key below. */
export const ACCOUNT = '000000000000'

/** What leads the CDK, the command line, the functions and the tests' own clients to the lane, and nowhere else. */
const variablesOf = (endpoint: string, athena: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ENDPOINT_URL_ATHENA: athena,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  NODE_OPTIONS: `--import=${new URL('loopback-names.ts', import.meta.url)}`,
})

export interface Lane {
  readonly variables: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

export async function startLane(): Promise<Lane> {
  const folder = await mkdtemp(join(tmpdir(), 'quern-deployed-'))
  const closing: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  const close = async (): Promise<void> => {
    for (const end of closing.reverse()) await end()
  }
  try {
    const port = await freePort()
    const endpoint = `http://127.0.0.1:${port}`
    const trino = await startTrino({
      folder: join(folder, 'trino'),
      endpoint,
      region: REGION,
      warehouse: 's3://unused/warehouse',
    })
    closing.push(trino.close)
    const athena = await startAthenaServer(trino.url)
    closing.push(athena.close)
    const variables = variablesOf(endpoint, athena.endpoint)
    const emulator = await startEmulator({ folder: join(folder, 'ministack'), port, variables })
    closing.push(emulator.close)
    return { variables, close }
  } catch (error) {
    await close()
    throw error
  }
}
