/** Serving while DynamoDB fails: what is answered is complete and right, or is a 503. The long run is bench/faults. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { dynamoOnlineStore } from '../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamodb/dynamo-online-table.ts'
import { type HttpFront, startHttpFront } from '../../lib/local/http/http-front.ts'
import { draws, evenly, type FaultyDynamoDb, NO_FAULTS, startFaultyDynamoDb } from '../aws/faulty-dynamodb.ts'
import { itemsOf, plan, questionOf, wrongIn } from '../aws/known-values.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'

const SEED = 20_261_124
const CUSTOMERS = 300
const NOW_MS = 1_700_000_000_000
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

let dynamo: EmbeddedDynamoDb
let faulty: FaultyDynamoDb
let client: DynamoDBClient
let front: HttpFront
beforeAll(async () => {
  dynamo = await startEmbeddedDynamoDb()
  faulty = await startFaultyDynamoDb({ endpoint: dynamo.endpoint, seed: SEED, maxDelayMs: 60 })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const requestHandler = { requestTimeout: 500, socketTimeout: 500, throwOnRequestTimeout: true }
  client = new DynamoDBClient({ endpoint: faulty.endpoint, region: 'local', credentials, requestHandler })
  await createOnlineTable(client, 'online')
  const retry = { attempts: 4, baseMs: 1, capMs: 5 }
  const online = dynamoOnlineStore({ client, table: 'online', retry })
  await online.write(itemsOf(CUSTOMERS, NOW_MS))
  const world = { plan, online, clock: { now: () => NOW_MS }, budgetMs: 20_000 }
  front = await startHttpFront({ handler: getOnlineFeatures(world, { log: quiet }) })
})
afterAll(async () => {
  await front?.close()
  client?.destroy()
  await faulty?.close()
  await dynamo?.close()
})

const ask = (ids: readonly number[]): Promise<Response> =>
  fetch(`${front.url}/get-online-features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: questionOf(ids),
  })

/** Few customers as a rule, and now and then more than one read holds; the same one may come twice. */
const customers = (draw: () => number): readonly number[] =>
  Array.from({ length: draw() < 0.1 ? 120 : 1 + Math.floor(draw() * 10) }, () =>
    Math.floor(draw() * CUSTOMERS),
  )

describe(`with seed ${SEED}`, () => {
  it('answers completely and rightly, or with 503 and Retry-After, while a third of all calls fail', async () => {
    const draw = draws(SEED)
    faulty.meet(evenly(1 / 3))
    let unavailable = 0
    for (let i = 0; i < 50; i++) {
      const questions = Array.from({ length: 8 }, () => customers(draw))
      const answers = await Promise.all(questions.map(ask))
      for (const [at, answer] of answers.entries()) {
        const text = await answer.text()
        if (answer.status === 200) expect(wrongIn(text, questions[at] ?? [])).toStrictEqual([])
        else {
          expect([answer.status, answer.headers.get('retry-after')]).toStrictEqual([503, '1'])
          unavailable++
        }
      }
    }
    for (const count of Object.values(faulty.met)) expect(count).toBeGreaterThan(0)
    expect(unavailable).toBeLessThan(40)
  })

  it('is whole once the faults end', async () => {
    faulty.meet(NO_FAULTS)
    const draw = draws(SEED + 1)
    for (let i = 0; i < 20; i++) {
      const ids = customers(draw)
      const answer = await ask(ids)
      expect(answer.status).toBe(200)
      expect(wrongIn(await answer.text(), ids)).toStrictEqual([])
    }
  })

  it('answers 503 when every call fails', async () => {
    faulty.meet({ ...NO_FAULTS, throttled: 1 })
    const answer = await ask([1])
    expect([answer.status, answer.headers.get('retry-after')]).toStrictEqual([503, '1'])
  })
})
