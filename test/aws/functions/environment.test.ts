import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { servingWorld } from '../../../lib/aws/functions/environment.ts'
import { itemKey } from '../../../lib/online/item/item.ts'
import { plan, weather } from '../../online/plans.ts'
import { answers, fallsSilent, startScriptedDynamoDb } from '../scripted-dynamodb.ts'

describe('the environment of a deployed function', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quern-environment-'))
    await writeFile(join(folder, 'plan.json'), JSON.stringify(plan))
    await writeFile(join(folder, 'other.json'), '{"format":2}')
  })
  afterAll(() => rm(folder, { recursive: true }))

  const told = (file: string) => ({
    QUERN_ONLINE_TABLE: 'online',
    AWS_REGION: 'eu-central-1',
    QUERN_PLAN: join(folder, file),
  })

  it('provides the dependencies of serving', async () => {
    expect(await servingWorld(told('plan.json'))).toMatchObject({
      plan,
      online: { read: expect.any(Function) },
    })
  })

  it('does not wait forever for an unresponsive online table', async () => {
    const server = await startScriptedDynamoDb()
    server.script((_request, n) => (n === 0 ? fallsSilent : answers({ Responses: {} })))
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_DYNAMODB: server.endpoint,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    })
    const { online } = await servingWorld(told('plan.json'))
    expect(await online.read([itemKey(weather, ['a'])])).toStrictEqual([undefined])
    await server.close()
  })

  it('names every missing or empty variable and its purpose', async () => {
    await expect(servingWorld({ AWS_REGION: '' })).rejects.toThrow(
      'the environment is not complete: QUERN_ONLINE_TABLE must be the name of the online table (DynamoDB); AWS_REGION must be the region of the online table',
    )
  })

  it('accepts a mask secret and refuses a short one', async () => {
    const secret = 'x'.repeat(32)
    expect(await servingWorld({ ...told('plan.json'), QUERN_MASK_SECRET: secret })).toMatchObject({
      maskSecret: secret,
    })
    await expect(servingWorld({ ...told('plan.json'), QUERN_MASK_SECRET: 'x' })).rejects.toThrow(
      'QUERN_MASK_SECRET must be the key of hashes, 32 characters and more, random',
    )
  })

  it('requires the item TTL of a DAX cluster when there is one', async () => {
    await expect(
      servingWorld({ ...told('plan.json'), QUERN_DAX_ENDPOINT: 'dax://127.0.0.1:9' }),
    ).rejects.toThrow(
      'QUERN_DAX_ITEM_TTL_MS must be the milliseconds that the DAX cluster keeps an item, where there is QUERN_DAX_ENDPOINT',
    )
  })

  it('writes the feature log when share and stream are set, and requires a share from 0 to 1', async () => {
    const variables = { ...told('plan.json'), QUERN_RECORD_STREAM: 'recorded' }
    expect(await servingWorld({ ...variables, QUERN_RECORD_SHARE: '0.01' })).toMatchObject({
      recording: { share: 0.01, answers: { append: expect.any(Function) } },
    })
    for (const other of [{ ...variables, QUERN_RECORD_SHARE: '0' }, variables])
      expect(await servingWorld(other)).not.toHaveProperty('recording')
    await expect(servingWorld({ ...variables, QUERN_RECORD_SHARE: '1.5' })).rejects.toThrow(
      'QUERN_RECORD_SHARE must be the share of requests whose answers are recorded, from 0 to 1',
    )
  })

  it('refuses a plan of another format', async () => {
    await expect(servingWorld(told('other.json'))).rejects.toThrow('(QUERN_PLAN) is no plan of format 1')
  })
})
