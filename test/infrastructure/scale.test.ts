/** Two hundred views and fifty services: within a minute, and within CloudFormation's limits. */
import { beforeAll, describe, expect, it } from '@jest/globals'
import { NestedStack, type Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { entity, featureService, featureView, hours, tableSource } from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { plan, type Synthesis, synthesize } from './synthesis.ts'

const MAX_RESOURCES = 500
const MAX_BYTES = 1_000_000
const MAX_SECONDS = 60

const user = entity({ name: 'user', joinKeys: { user: 'string' } })
const clicks = tableSource({
  name: 'clicks',
  database: 'web',
  table: 'clicks',
  eventTimestamp: 'at',
  local: { folder: 'data/clicks' },
})
const manyViews = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    featureView({
      name: `clicks_of_the_last_days_${i}`,
      entities: [user],
      source: clicks,
      transformation: `select user, at, count(*) as c0 from source group by 1, 2 -- ${i}`,
      features: Object.fromEntries(Array.from({ length: 10 }, (__, j) => [`c${j}`, 'int64' as const])),
      schedule: { every: hours(1 + (i % 5)) },
    }),
  )

const countOf = (store: Synthesis) => store.resources().length

describe('a store of 200 views and 50 services', () => {
  let store: Synthesis
  let seconds: number
  let nested: readonly Stack[]
  beforeAll(() => {
    const views = manyViews(200)
    const services = Array.from({ length: 50 }, (_, i) =>
      featureService({ name: `service_${i}`, features: views.slice(4 * i, 4 * i + 4) }),
    )
    const large = compile([...views, ...services])
    const start = performance.now()
    store = synthesize({}, large)
    seconds = (performance.now() - start) / 1_000
    nested = Object.values(store.stacks).flatMap(stack =>
      stack.node.findAll().filter((one): one is NestedStack => one instanceof NestedStack),
    )
  })

  it('is synthesized within a minute', () => {
    expect(seconds).toBeLessThan(MAX_SECONDS)
  })

  it('fits into its templates', () => {
    const all = [...Object.values(store.stacks), ...nested]
    const sizes = all.map(stack => {
      const template = Template.fromStack(stack).toJSON()
      return {
        stack: stack.node.id,
        fits:
          Object.keys(template['Resources']).length <= MAX_RESOURCES &&
          // CDK writes templates indented by one.
          Buffer.byteLength(JSON.stringify(template, null, 1)) <= MAX_BYTES,
      }
    })
    expect(sizes.filter(({ fits }) => !fits)).toEqual([])
    expect(nested).not.toEqual([])
  })

  it('fits into dashboards of at most 500 widgets', () => {
    const bodies = store
      .resources('AWS::CloudWatch::Dashboard')
      .map(([, { Properties }]) => JSON.stringify(Properties))
    const widgets = bodies.map(body => body.split('\\"type\\":').length - 1)
    expect(widgets.length).toBeGreaterThan(1)
    expect(widgets.filter(count => count > 500 || count === 0)).toEqual([])
  })

  it('has a schedule’s whole run in one input, which EventBridge’s scheduler takes', () => {
    const inputs = store
      .resources('AWS::Scheduler::Schedule')
      .map(([, { Properties }]) => Object(Properties['Target']).Input.length)
    expect(inputs).toHaveLength(5)
    expect(Math.max(...inputs)).toBeLessThan(256_000)
  })
})

describe('each further view', () => {
  it('costs two resources, two alarms; each further service two as well', () => {
    const base = countOf(synthesize({}, compile(manyViews(5))))
    expect(countOf(synthesize({}, compile(manyViews(6)))) - base).toBe(2)
    const views = manyViews(5)
    const service = featureService({ name: 'service', features: views })
    expect(countOf(synthesize({}, compile([...views, service]))) - base).toBe(2)
  })

  it('is what it is in the example: less than a twentieth of its resources', () => {
    const own = 2 * (Object.keys(plan.views).length + Object.keys(plan.services).length)
    expect(own).toBeLessThan(countOf(synthesize({})))
  })
})
