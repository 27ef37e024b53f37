/** Compares the assumptions of the estimate with the synthesized templates. */
import { describe, expect, it } from '@jest/globals'
import { MEMORY_GB, PUSH_BATCH, PUSH_WINDOW_SECONDS } from '../../lib/cost/assumptions.ts'
import { monthlyEstimate } from '../../lib/cost/monthly-estimate.ts'
import { idle } from '../../lib/cost/workload.ts'
import { FULL, SHOP } from '../infrastructure/stores.ts'
import { environmentPlan, plan as example, synthesize } from '../infrastructure/synthesis.ts'

const STORES = [
  ['the example, with nothing asked for', example, {}],
  ['the example, rolled out at once', example, { canary: 'all-at-once' }],
  ['a shop with all that there is', SHOP, FULL],
] as const

const COUNTED = {
  alarm: 'AWS::CloudWatch::Alarm',
  dashboard: 'AWS::CloudWatch::Dashboard',
  key: 'AWS::KMS::Key',
  secret: 'AWS::SecretsManager::Secret',
} as const

describe('the estimate of an idle store has the resources of the templates', () => {
  it.each(STORES)('%s', (_what, plan, props) => {
    const environment = environmentPlan(props, plan)
    const { resources } = synthesize(props, plan)
    const { lines } = monthlyEstimate({ plan, environment, workload: idle(plan) })
    const paid = (price: string) =>
      lines.filter(line => line.price === price).reduce((sum, { quantity }) => sum + quantity, 0)
    const counts = (of: (price: string, type: string) => number) =>
      Object.fromEntries(Object.entries(COUNTED).map(([price, type]) => [price, of(price, type)]))
    expect(counts(paid)).toEqual(counts((_price, type) => resources(type).length))
  })
})

it('the function behind a stream has the batch size and batch window of the estimate', () => {
  const mappings = synthesize(FULL, SHOP).resources('AWS::Lambda::EventSourceMapping')
  expect(mappings.length).toBeGreaterThan(1)
  for (const [, { Properties }] of mappings) {
    expect(Properties['MaximumBatchingWindowInSeconds']).toBe(PUSH_WINDOW_SECONDS)
    expect(Properties['BatchSize']).toBeGreaterThanOrEqual(PUSH_BATCH)
  }
})

it('the functions have the memory of the estimate', () => {
  const { resources } = synthesize(FULL, SHOP)
  const memory = (name: string) =>
    resources('AWS::Lambda::Function')
      .map(([, { Properties }]) => Properties)
      .filter(({ FunctionName }) => String(FunctionName).endsWith(name))
      .map(({ MemorySize }) => Number(MemorySize) / 1_024)
  expect(memory('get-online-features')).toEqual([MEMORY_GB.serving])
  expect(memory('write-chunk')).toEqual([MEMORY_GB.writing])
  expect(memory('push-rows')).toEqual([MEMORY_GB.pushing])
  expect(memory('push-events')).toEqual([MEMORY_GB.pushing])
  for (const task of ['ingest-view', 'select-latest-rows', 'advance-watermark', 'report-run'])
    expect(memory(task)).toEqual([MEMORY_GB.tasks])
})
