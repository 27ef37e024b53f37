/**
 * DynamoDB in this process: dynalite, which speaks the wire protocol, on loopback.
 *
 * A store on disk belongs to one process at a time: to whoever holds the claim `<path>.claim`. The owner writes where it
 * listens into `<path>.json`; another process finds that and uses the running server, so that a command works beside a
 * server.
 */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient, type DynamoDBClientConfig, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import * as z from 'zod/mini'
import { isAlive } from './scratch-folder.ts'

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

const Locked = z.object({ cause: z.object({ code: z.literal('LEVEL_LOCKED') }) })

const isLocked = (thrown: unknown): boolean => Locked.safeParse(thrown).success

/**
 * Claims a store, unless it is taken. The claim is an empty LevelDB of its own, for LevelDB's lock goes with its process:
 * a crash leaves none behind. The store's own lock would come too late, since dynalite, when it cannot open its store,
 * throws where nobody can catch it.
 */
async function claim(path: string): Promise<LevelStore | undefined> {
  await mkdir(dirname(path), { recursive: true })
  const store = levelStore(`${path}.claim`)
  try {
    await store.open()
    return store
  } catch (error) {
    if (isLocked(error)) return undefined
    throw new Error(`the online store at ${path} cannot be opened`, { cause: error })
  }
}

async function start({ path, port = 0 }: EmbeddedDynamoDbProps): Promise<EmbeddedDynamoDb> {
  const instant = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }
  const server = dynalite(path === undefined ? instant : { ...instant, path })
  const endpoint = `http://${HOST}:${await listen(server, port)}`
  return { endpoint, shared: false, client: () => clientOf(endpoint), close: () => closed(server) }
}

async function startClaimed(props: EmbeddedDynamoDbProps & { readonly path: string }, held: LevelStore) {
  const file = endpointFile(props.path)
  const server = await start(props).catch(async (error: unknown) => {
    await held.close()
    throw error
  })
  await writeFile(file, JSON.stringify({ pid: process.pid, port: Number(new URL(server.endpoint).port) }))
  const close = async (): Promise<void> => {
    await rm(file, { force: true })
    await server.close()
    await held.close()
  }
  return { ...server, close }
}

/**
 * Starts a server of our own.
 * @throws {Error} if another process has the path open; see {@link connectOrStart}
 */
export async function startEmbeddedDynamoDb(props: EmbeddedDynamoDbProps = {}): Promise<EmbeddedDynamoDb> {
  const { path } = props
  if (path === undefined) return start(props)
  const held = await claim(path)
  if (held === undefined) throw new Error(`the online store at ${path} is open in another process`)
  return startClaimed({ ...props, path }, held)
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
  // Another process may be opening or closing it at this moment.
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(POLL_MS)) {
    const other = await running(props.path)
    if (other !== undefined) return other
    const held = await claim(props.path)
    if (held !== undefined) return startClaimed(props, held)
  }
  return startEmbeddedDynamoDb(props)
}
