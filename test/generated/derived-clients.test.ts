/** Generated clients send request values of all types, and decode derived features. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { type HttpFront, startHttpFront } from '../../lib/local/http/http-front.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { ECHO_ROWS, echoPlan } from '../support/echo-store.ts'
import { type AnyClient, compileErrors, moduleOf, typescriptOf } from './generated-client.ts'

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined }
const EMPTY: OnlineStore = {
  read: async keys => keys.map(() => undefined),
  write: async () => ({ written: 0, kept: 0 }),
  compareAndSet: async () => [],
  watermark: async () => null,
  advance: async () => undefined,
  count: async () => 0,
}

describe('a generated TypeScript client', () => {
  let front: HttpFront
  let client: AnyClient
  beforeAll(async () => {
    const world = { plan: echoPlan, online: EMPTY, clock: { now: () => 1_700_000_000_000 } }
    front = await startHttpFront({ handler: getOnlineFeatures(world, { log: LOG }) })
    client = (await moduleOf(echoPlan))({ url: front.url })
  })
  afterAll(() => front.close())

  it('sends request values of every type, at the limits of the type', async () => {
    const rows = await client['echo']?.({ entities: ECHO_ROWS.map(({ asked }) => asked) })
    for (const [i, { answered }] of ECHO_ROWS.entries())
      for (const [name, value] of Object.entries(answered)) {
        const status = value === null ? 'NULL_VALUE' : 'PRESENT'
        expect([i, name, rows?.[i]?.[name]]).toEqual([i, name, expect.objectContaining({ status, value })])
      }
  })

  it.each([
    ['is missing', { of_int32: undefined }],
    ['is of another type', { of_int32: 'one' }],
    ['is no whole number', { of_int32: 0.5 }],
  ])('refuses a request value that %s', async (_what, change) => {
    const entities = [{ ...ECHO_ROWS[0]?.asked, ...change }]
    await expect(client['echo']?.({ entities })).rejects.toThrow(
      new TypeError('entities[0].of_int32 of echo is no int32'),
    )
  })

  it('types request values as fields of an entity, each with its type or null', async () => {
    const program = (heading: string): string => `import { createClient, type EchoEntity } from './client.ts'
export async function ask(entity: EchoEntity): Promise<bigint | null | undefined> {
  const [row] = await createClient({ url: '' }).echo({ entities: [{ ...entity, of_float64: ${heading} }] })
  return row?.echo_int32.value
}
`
    const errors = await compileErrors({
      'client.ts': typescriptOf(echoPlan),
      'right.ts': program('0.5'),
      'null.ts': program('null'),
      'wrong.ts': program("'far'"),
    })
    expect(errors).toEqual([expect.stringMatching(/^wrong\.ts.*'string' is not assignable to type 'number'/)])
  })
})
