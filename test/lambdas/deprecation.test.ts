/** What those are told who read a version that is to be retired. */
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import type { ServingEvent } from '../../lambdas/serving-event.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { plan } from '../online/plans.ts'

const online: OnlineStore = {
  read: async keys => keys.map(() => undefined),
  write: async () => ({ written: 0, kept: 0 }),
  compareAndSet: async () => [],
  watermark: async () => null,
  advance: async () => undefined,
  count: async () => 0,
}

const [service] = Object.values(plan.services)
const read = [...new Set(service?.uses.map(({ view }) => view))]

const deprecated = (ends: Readonly<Record<string, string>>): Plan => ({
  ...plan,
  views: Object.fromEntries(
    Object.entries(plan.views).map(([key, view]) => {
      const until = ends[key]
      return [
        key,
        until === undefined ? view : { ...view, deprecated: { since: '2026-01-01', until, message: '' } },
      ]
    }),
  ),
})

const views: unknown[] = []
beforeEach(() => {
  views.length = 0
})

async function headersOf(of: Plan): Promise<object> {
  const log = {
    info: (_: string, fields: object) => void views.push(Object(fields).views),
    warn: () => undefined,
    error: () => undefined,
  }
  const handler = getOnlineFeatures({ plan: of, online, clock: { now: () => 0 } }, { log })
  const entities = Object.fromEntries(service?.joinKeys.map(({ name }) => [name, []]) ?? [])
  const event = {
    rawPath: '/get-online-features',
    headers: {},
    body: JSON.stringify({ feature_service: service?.name, entities }),
    requestContext: { http: { method: 'POST' } },
  } as unknown as ServingEvent // What serving reads of it.
  const { statusCode, headers } = await handler(event, { awsRequestId: '1' } as Context)
  expect(statusCode).toBe(200)
  return headers ?? {}
}

describe('an answer', () => {
  it('says nothing of views that are not deprecated', async () => {
    expect(await headersOf(plan)).toEqual({ 'content-type': 'application/json' })
    expect(await headersOf(deprecated({ 'another@1': '2026-06-01' }))).toEqual({
      'content-type': 'application/json',
    })
  })

  it('says since when and until when, of the view that ends first', async () => {
    const [first = '', second = ''] = read
    expect(await headersOf(deprecated({ [first]: '2027-01-01', [second]: '2026-06-01' }))).toEqual({
      'content-type': 'application/json',
      deprecation: '@1767225600',
      sunset: 'Mon, 01 Jun 2026 00:00:00 GMT',
    })
  })

  it('leaves in the log which views were read', async () => {
    await headersOf(plan)
    expect(views).toEqual([read])
  })
})
