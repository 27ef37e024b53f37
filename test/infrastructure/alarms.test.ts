import { describe, expect, it } from '@jest/globals'
import { freshnessLimitMs } from '../../lib/materialization/freshness-limit.ts'
import { ownStreamsOf } from '../../lib/plan/streams-of.ts'
import { FULL, SHOP } from './stores.ts'
import { plan, type Resource, synthesize } from './synthesis.ts'

/** Two environments may share an account: each has metrics of its own. */
const NAMESPACE = 'quern/trial'
const example = synthesize({})
const full = synthesize(FULL, SHOP)

const alarmsOf = (store: typeof example) =>
  store.resources('AWS::CloudWatch::Alarm').map(([, alarm]) => alarm)
const about = (alarms: readonly Resource[], dimension: string, value: string) =>
  alarms.filter(({ Properties }) =>
    JSON.stringify(Properties['Dimensions'])?.includes(JSON.stringify({ Name: dimension, Value: value })),
  )

describe('alarms', () => {
  it.each(Object.keys(plan.services))('for service %s are of slow and of failing answers', name => {
    expect(
      about(alarmsOf(example), 'feature_service', name).map(({ Properties }) => Properties),
    ).toMatchObject([
      {
        Namespace: NAMESPACE,
        MetricName: 'latency',
        ExtendedStatistic: 'p99',
        Threshold: 10,
        ComparisonOperator: 'GreaterThanThreshold',
      },
      {
        Namespace: NAMESPACE,
        MetricName: 'failed',
        Statistic: 'Sum',
        Threshold: 0,
        Tags: expect.arrayContaining([{ Key: 'quern:service', Value: name }]),
      },
    ])
  })

  it.each(Object.values(plan.views).map(view => [view.key, view] as const))('for view %s', (key, view) => {
    const alarms = about(alarmsOf(example), 'feature_view', key).map(({ Properties }) => Properties)
    expect(alarms[0]).toMatchObject({
      MetricName: 'failed',
      Tags: expect.arrayContaining([{ Key: 'quern:view', Value: key }]),
    })
    const limitMs = freshnessLimitMs(view)
    expect(alarms.slice(1)).toMatchObject(
      limitMs === null
        ? []
        : [{ MetricName: 'freshness', Threshold: limitMs / 1_000, TreatMissingData: 'breaching' }],
    )
  })

  it('have the bounds that the definitions ask for', () => {
    const alarms = alarmsOf(full)
    const bounds = (dimension: string, value: string, metric: string) =>
      about(alarms, dimension, value)
        .map(({ Properties }) => Properties)
        .filter(({ MetricName }) => MetricName === metric)
        .map(({ Threshold }) => Threshold)
    // 90 minutes' freshness, of which memory may take 10.
    expect(bounds('feature_view', 'spent@1', 'freshness')).toEqual([80 * 60])
    expect(bounds('feature_service', 'worth', 'latency')).toEqual([20])
  })

  it('of a stale view look back for as long as the limit', () => {
    const stale = alarmsOf(example).filter(({ Properties }) => Properties['MetricName'] === 'freshness')
    for (const {
      Properties: { Period, EvaluationPeriods, Threshold },
    } of stale) {
      const lookBack = Number(Period) * Number(EvaluationPeriods)
      expect(lookBack).toBe(Threshold)
      expect(lookBack).toBeLessThanOrEqual(Number(Period) < 3_600 ? 86_400 : 604_800)
    }
    expect(stale).not.toEqual([])
  })

  it.each([
    ['RunsFailed', 'ExecutionsFailed'],
    ['RunsTimedOut', 'ExecutionsTimedOut'],
    ['Scanned', 'ProcessedBytes'],
    ['PushBehind', 'GetRecords.IteratorAgeMilliseconds'],
    ['PushLeft', 'ApproximateNumberOfMessagesVisible'],
    ['RunsLeft', 'ApproximateNumberOfMessagesVisible'],
    ['TriggersLeft', 'ApproximateNumberOfMessagesVisible'],
    ['ReadsThrottled', 'ReadThrottleEvents'],
    ['ServingCrashes', 'Errors'],
    ['RolloutsStale', 'rollouts_age'],
    ['Throttledgetonlinefeatures', 'Throttles'],
  ])('are of %s', (id, MetricName) => {
    const found = example.resources('AWS::CloudWatch::Alarm').find(([path]) => path.includes(id))
    expect(found?.[1].Properties).toMatchObject({
      MetricName,
      AlarmDescription: expect.stringMatching(/^[A-Z]/),
    })
  })

  it('are of each stream beside the store’s own: how far behind it is, and what it does not take', () => {
    expect(
      about(alarmsOf(full), 'StreamName', 'website-clicks').map(({ Properties }) => Properties),
    ).toMatchObject([
      { MetricName: 'GetRecords.IteratorAgeMilliseconds', Statistic: 'Maximum', Threshold: 60_000 },
      { MetricName: 'WriteProvisionedThroughputExceeded', Statistic: 'Sum', Threshold: 0 },
    ])
  })

  it('are of DAX only where there is a cluster', () => {
    const ids = (store: typeof example) =>
      store.resources('AWS::CloudWatch::Alarm').filter(([path]) => path.includes('Dax'))
    expect(ids(example)).toEqual([])
    expect(ids(full)).toHaveLength(3)
  })

  it('tell the store’s own topic, and the one that is named, of their beginning and end', () => {
    const told = full
      .resources('AWS::CloudWatch::Alarm')
      .filter(([path]) => path.startsWith('monitoring/'))
      .map(([, { Properties }]) => [Properties['AlarmActions'], Properties['OKActions']])
    const both = [{ Ref: expect.stringMatching(/TopicsOwn/) }, FULL.alarms?.topicArn]
    for (const actions of told) expect(actions).toEqual([both, both])
    expect(full.resources('AWS::SNS::Subscription').map(([, { Properties }]) => Properties)).toMatchObject([
      { Protocol: 'email', Endpoint: 'oncall@example.com' },
    ])
  })

  it('measure functions and resources that there are', () => {
    const made = full
      .resources()
      .flatMap(([, { Properties }]) =>
        ['FunctionName', 'TableName', 'QueueName', 'DeliveryStreamName', 'Name', 'ClusterName'].map(
          field => Object(Properties)[field],
        ),
      )
    // A stream that the definitions name is somebody else's.
    const names = new Set([...made, ...ownStreamsOf(SHOP)])
    const measured = alarmsOf(full)
      .flatMap(({ Properties }) => [
        Properties,
        ...((Properties['Metrics'] ?? []) as { MetricStat?: { Metric: Record<string, unknown> } }[]).map(
          one => one.MetricStat?.Metric ?? {},
        ),
      ])
      .filter(({ Namespace }) => /^AWS\/(Lambda|DynamoDB|SQS|Firehose|Kinesis|DAX)$/.test(String(Namespace)))
      .flatMap(({ Dimensions }) => Dimensions as { Name: string; Value: unknown }[])
      .filter(({ Name }) => !['Resource', 'ExecutedVersion'].includes(Name))
      .map(({ Value }) => Value)
      .filter(value => typeof value === 'string')
    expect(measured.filter(name => !names.has(name))).toEqual([])
    expect(measured.length).toBeGreaterThan(10)
  })
})

describe('a budget', () => {
  it('is of all that has the environment’s tag, and is told of at 80% and when it will not do', () => {
    const [budget] = full.resources('AWS::Budgets::Budget')
    expect(budget?.[1].Properties).toMatchObject({
      Budget: {
        BudgetLimit: { Amount: 1_000, Unit: 'USD' },
        CostFilters: { TagKeyValue: ['user:quern:environment$full'] },
      },
      NotificationsWithSubscribers: [
        { Notification: { NotificationType: 'ACTUAL', Threshold: 80 } },
        { Notification: { NotificationType: 'FORECASTED', Threshold: 100 } },
      ],
    })
    expect(example.resources('AWS::Budgets::Budget')).toEqual([])
  })
})

describe('a dashboard', () => {
  it('has every view and every service', () => {
    const text = JSON.stringify(example.resources('AWS::CloudWatch::Dashboard'))
    for (const name of Object.keys(plan.services)) expect(text).toContain(`Service ${name}: latency`)
    for (const key of Object.keys(plan.views)) expect(text).toContain(`View ${key}: freshness`)
  })
})
