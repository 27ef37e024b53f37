import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { dynamoOnlineStore } from '../../lib/aws/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamo-online-table.ts'
import {
  connectOrStart,
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from '../../lib/local/embedded-dynamodb.ts'
import { encodeItem, itemKey } from '../../lib/online/item.ts'
import { weather } from '../online/plans.ts'

const TABLE = 'online'
const WRITER = new URL('./write-until-killed.ts', import.meta.url).pathname

const item = (airport: string) =>
  encodeItem(weather, {
    keys: [airport],
    eventTimestamp: 1n,
    createdTimestamp: null,
    rowHash: '',
    features: [1n, 2],
  })

async function withStore<T>(
  server: EmbeddedDynamoDb,
  act: (store: ReturnType<typeof dynamoOnlineStore>) => Promise<T>,
) {
  const client = server.client()
  try {
    await createOnlineTable(client, TABLE)
    return await act(dynamoOnlineStore({ client, table: TABLE }))
  } finally {
    client.destroy()
  }
}

/** Starts a process that owns the store at the path and writes `n-0`, `n-1` … until it is killed. */
function writer(path: string): ChildProcess {
  return spawn(process.execPath, [WRITER, path, TABLE], { stdio: ['ignore', 'pipe', 'ignore'] })
}

/** Waits until the process has acknowledged so many items; gives how many it had. */
async function acknowledged(child: ChildProcess, count: number): Promise<number> {
  if (child.stdout === null) throw new Error('the writer has no output')
  for await (const line of createInterface(child.stdout)) if (Number(line) >= count) return Number(line)
  throw new Error('the writer ended')
}

async function killed(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  child.once('exit', () => resolve())
  child.kill('SIGKILL')
  await promise
}

describe('the embedded DynamoDB', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quern-dynamodb-'))
    path = join(folder, 'store', 'online')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('listens on loopback alone, on the port that is asked for', async () => {
    const first = await startEmbeddedDynamoDb()
    expect(first.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    await first.close()
    const again = await startEmbeddedDynamoDb({ port: Number(new URL(first.endpoint).port) })
    expect(again.endpoint).toBe(first.endpoint)
    await again.close()
  })

  it('refuses a port that is taken', async () => {
    const first = await startEmbeddedDynamoDb()
    const port = Number(new URL(first.endpoint).port)
    await expect(startEmbeddedDynamoDb({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await first.close()
  })

  it('keeps its items on disk over a restart', async () => {
    const first = await connectOrStart({ path })
    await withStore(first, store => store.write([item('EWR')]))
    await first.close()
    const second = await connectOrStart({ path })
    expect(second.shared).toBe(false)
    expect(await withStore(second, store => store.read([itemKey(weather, ['EWR'])]))).toStrictEqual([
      item('EWR'),
    ])
    await second.close()
  })

  it('is shared with whoever comes while it runs', async () => {
    const owner = await connectOrStart({ path })
    const guest = await connectOrStart({ path })
    expect(guest).toMatchObject({ shared: true, endpoint: owner.endpoint })
    await withStore(owner, store => store.write([item('EWR')]))
    expect(await withStore(guest, store => store.count('weather@1'))).toBe(1)
    await guest.close()
    expect(await withStore(owner, store => store.count('weather@1'))).toBe(1)
    await owner.close()
  })

  it('does not open a store that another process has open', async () => {
    const owner = await startEmbeddedDynamoDb({ path })
    await rm(`${path}.json`)
    await expect(startEmbeddedDynamoDb({ path })).rejects.toThrow('is open in another process')
    await owner.close()
  })

  it('does not believe what a dead process left behind', async () => {
    const owner = await connectOrStart({ path })
    const left = await readFile(`${path}.json`, 'utf8')
    await owner.close()
    await writeFile(`${path}.json`, left)
    const next = await connectOrStart({ path })
    expect(next.shared).toBe(false)
    await next.close()
  })

  it('starts once, however many processes come at the same moment', async () => {
    const children = [writer(path), writer(path), writer(path)]
    for (const child of children) expect(await acknowledged(child, 50)).toBeGreaterThanOrEqual(50)
    await Promise.all(children.map(killed))
  })

  it('loses nothing that was acknowledged when its process is killed in the midst of writing', async () => {
    const child = writer(path)
    const count = await acknowledged(child, 200)
    const guest = await connectOrStart({ path })
    expect(guest.shared).toBe(true)
    await killed(child)
    const next = await connectOrStart({ path })
    expect(next.shared).toBe(false)
    await withStore(next, async store => {
      const keys = Array.from({ length: count }, (_, i) => itemKey(weather, [`n-${i}`]))
      expect((await store.read(keys)).filter(found => found === undefined)).toStrictEqual([])
      expect(await store.write([item('after')])).toStrictEqual({ written: 1, kept: 0 })
    })
    await next.close()
  })
})
