import { Metrics } from '@aws-lambda-powertools/metrics'
import { describe, expect, it, jest } from '@jest/globals'
import { embeddedMetrics, type ServingMetrics } from '../../lambdas/embedded-metrics.ts'
import { metricsNamespace } from '../../lib/aws/functions/metrics-namespace.ts'

const PLACE = { namespace: 'quern', serviceName: 'quern-serving' }

const fill = (metrics: ServingMetrics, feature: string): void => {
  metrics.addDimension('feature_service', feature)
  metrics.addMetadata('request_id', `id of "${feature}"`)
  metrics.addMetric('latency', 'Milliseconds', 1.5)
  metrics.addMetric('keys', 'Count', 0)
  metrics.publishStoredMetrics()
}

describe('metrics in the log', () => {
  it('are the lines that powertools writes, one request after the other', () => {
    jest.useFakeTimers({ now: 1_700_000_000_000 })
    const theirs: string[] = []
    const powertools = new Metrics(PLACE)
    Object.assign(powertools, { console: { log: (line: string) => theirs.push(line) } })
    const ours: string[] = []
    const metrics = embeddedMetrics({ ...PLACE, write: line => ours.push(line) })
    for (const feature of ['churn', 'fraud'])
      for (const filled of [metrics, powertools]) fill(filled, feature)
    expect(ours.map(line => JSON.parse(line))).toStrictEqual(theirs.map(line => JSON.parse(line)))
    expect(ours).toHaveLength(2)
    jest.useRealTimers()
  })
})

it("are in their environment's namespace", () => {
  expect(metricsNamespace({ QUERN_ENVIRONMENT: 'prod' })).toBe('quern/prod')
  expect(metricsNamespace({})).toBe('quern')
})
