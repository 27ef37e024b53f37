/** Amazon's DynamoDB Local, from Maven Central, in memory and on loopback. Needs Java 17 or later and Maven. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runProgram } from './child.ts'

const VERSION = '2.6.1'

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>quern</groupId><artifactId>bench</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>${VERSION}</version>
  </dependency></dependencies>
</project>
`

/** @returns the folder of its jars */
async function install(folder: string): Promise<string> {
  const jars = join(folder, `dynamodb-local-${VERSION}`)
  if (existsSync(jars)) return jars
  const pom = join(folder, 'dynamodb-local.pom.xml')
  await mkdir(folder, { recursive: true })
  await writeFile(pom, POM)
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${jars}.unfinished`]
  await runProgram('mvn', ['--batch-mode', '--quiet', '--file', pom, ...goal])
  await rename(`${jars}.unfinished`, jars)
  return jars
}

export interface DynamoDbLocal {
  readonly endpoint: string
  readonly pid: number
  readonly close: () => Promise<void>
}

const PATIENCE_MS = 60_000

export async function startDynamoDbLocal(folder: string): Promise<DynamoDbLocal> {
  const jars = await install(folder)
  const port = await freePort()
  const launcher = new URL('peer/LoopbackDynamoDb.java', import.meta.url).pathname
  const java = ['-Xmx2g', `-Djava.library.path=${jars}`, '-cp', `${jars}/*`, launcher]
  const server = spawn('java', [...java, '-inMemory', '-disableTelemetry', '-port', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, DDB_LOCAL_TELEMETRY: '0' },
  })
  const endpoint = `http://127.0.0.1:${port}`
  await answering(endpoint, server)
  return { endpoint, pid: server.pid ?? 0, close: () => ended(server) }
}

async function answering(endpoint: string, server: ChildProcess): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(200)) {
    if (server.exitCode !== null) throw new Error(`DynamoDB Local ended with ${server.exitCode}`)
    // Any answer will do; without a signature it is a refusal.
    if (await fetch(endpoint).catch(() => null)) return
  }
  await ended(server)
  throw new Error(`DynamoDB Local did not answer within ${PATIENCE_MS / 1_000} s`)
}

async function ended(server: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.once('exit', () => resolve())
  if (server.exitCode !== null || !server.kill()) resolve()
  await promise
}

export async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const server = createServer().listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
  })
  return promise
}
