/**
 * DynamoDB in this process: dynalite, which speaks the wire protocol, on loopback.
 *
 * A store on disk belongs to one process at a time (LevelDB locks it). Its owner writes where it listens into
 * `<path>.json`; another process finds that and uses the running server, so that a command works beside a server.
 */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient, type DynamoDBClientConfig, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import * as z from 'zod/mini'

export interface EmbeddedDynamoDbProps {
  /** Folder of the store, made if absent. @default in memory */
  readonly path?: string
  /** @default any free port */
  readonly port?: number
}

export interface EmbeddedDynamoDb {
  /** Such as `http://127.0.0.1:4567`. */
  readonly endpoint: string
  /** Does the server run in another process? */
  readonly shared: boolean
  /** A client of this server; whoever asks for it destroys it. */
  readonly client: () => DynamoDBClient
  /** Stops the server, if it is ours; open requests are answered first. */
  readonly close: () => Promise<void>
}

const HOST = '127.0.0.1'

const clientOf = (endpoint: string, more: DynamoDBClientConfig = {}): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    ...more,
  })

async function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(port, HOST, resolve)
  await promise
  server.off('error', reject)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the embedded DynamoDB has no port')
  return address.port
}

async function closed(server: Server): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.close(error => (error === undefined || error === null ? resolve() : reject(error)))
  server.closeIdleConnections()
  await promise
}

const endpointFile = (path: string): string => `${path}.json`

const Owner = z.object({ pid: z.int(), port: z.int() })

async function ownerOf(path: string): Promise<z.infer<typeof Owner> | undefined> {
  const text = await readFile(endpointFile(path), 'utf8').catch(() => '')
  try {
    return Owner.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const PROBE = { maxAttempts: 1, requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000 } }

async function answers(endpoint: string): Promise<boolean> {
  const client = clientOf(endpoint, PROBE)
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }))
    return true
  } catch {
    return false
  } finally {
    client.destroy()
  }
}

/** The server that another process, or this one, runs on the path. */
async function running(path: string): Promise<EmbeddedDynamoDb | undefined> {
  const owner = await ownerOf(path)
  if (owner === undefined || !isAlive(owner.pid)) return undefined
  const endpoint = `http://${HOST}:${owner.port}`
  if (!(await answers(endpoint))) return undefined
  return { endpoint, shared: true, client: () => clientOf(endpoint), close: () => Promise.resolve() }
}

interface LevelStore {
  readonly open: () => Promise<void>
  readonly close: () => Promise<void>
}

/** The very LevelDB that dynalite uses, which has no types here. */
const levelStore = (path: string): LevelStore => {
  const fromDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'))
  const { Level }: { Level: new (path: string) => LevelStore } = fromDynalite('level')
  return new Level(path)
}

/**
 * Can the store be opened? LevelDB's lock goes with its process, so a crash leaves none. Asked beforehand because
 * dynalite, when it cannot open its store, throws where nobody can catch it.
 */
async function isFree(path: string): Promise<boolean> {
  const store = levelStore(path)
  try {
    await store.open()
    await store.close()
    return true
  } catch (error) {
    const cause: unknown = error instanceof Error ? error.cause : undefined
    const locked = cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED'
    if (!locked) throw new Error(`the online store at ${path} cannot be opened`, { cause: error })
    return false
  }
}

/** Starts a server of our own. A path must not be in use; see {@link connectOrStart}. */
export async function startEmbeddedDynamoDb({
  path,
  port = 0,
}: EmbeddedDynamoDbProps = {}): Promise<EmbeddedDynamoDb> {
  if (path !== undefined) {
    await mkdir(dirname(path), { recursive: true })
    if (!(await isFree(path))) throw new Error(`the online store at ${path} is open in another process`)
  }
  const server = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(path === undefined ? {} : { path }),
  })
  const actual = await listen(server, port)
  if (path !== undefined)
    await writeFile(endpointFile(path), JSON.stringify({ pid: process.pid, port: actual }))
  const endpoint = `http://${HOST}:${actual}`
  const close = async (): Promise<void> => {
    if (path !== undefined) await rm(endpointFile(path), { force: true })
    await closed(server)
  }
  return { endpoint, shared: false, client: () => clientOf(endpoint), close }
}

const PATIENCE_MS = 10_000
const POLL_MS = 50

/**
 * Uses the server that already runs on the path, or starts one.
 * @throws {Error} if another process holds the store for ten seconds without answering
 */
export async function connectOrStart(
  props: EmbeddedDynamoDbProps & { readonly path: string },
): Promise<EmbeddedDynamoDb> {
  await mkdir(dirname(props.path), { recursive: true })
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(POLL_MS)) {
    const other = await running(props.path)
    if (other !== undefined) return other
    // Another process may be opening or closing it at this moment.
    if (Date.now() > end || (await isFree(props.path))) return startEmbeddedDynamoDb(props)
  }
}
