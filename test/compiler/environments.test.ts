import { describe, expect, it } from '@jest/globals'
import { consumer, days, environment, minutes } from 'quern'
import { dev, prod } from '../../definitions/environments.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { CompileError } from '../../lib/compiler/diagnostics/diagnostics.ts'
import {
  compileEnvironments,
  compileNamedEnvironment,
} from '../../lib/compiler/environment/compile-environment.ts'
import { daxNodeTypes } from '../../lib/compiler/environment/dax-nodes.ts'
import { all } from './example.ts'
import {
  changed,
  ENVIRONMENTS,
  environmentMistakes,
  lagging,
  mistakesUnder,
} from './mistakes/environments.ts'

const plan = compile(all)

describe('an environment', () => {
  it('needs only a name and a region, and has safe defaults', () => {
    const declared = environment({ name: 'dev', region: 'eu-central-1' })
    expect(compileEnvironments([declared], plan)).toStrictEqual([
      {
        name: 'dev',
        account: null,
        region: 'eu-central-1',
        tags: {},
        removal: 'retain',
        noncurrentDays: 30,
        logRetentionDays: 90,
        scanLimitBytes: 1e12,
        replicas: [],
        sourcePolicies: [],
        dax: null,
        vpc: null,
        alarms: { email: null, topicArn: null },
        budget: null,
        concurrency: { reserved: null, provisioned: null, chunks: 4 },
        throttle: { ratePerSecond: 1_000, burst: 2_000 },
        canary: 'Canary10Percent5Minutes',
        contributorInsights: false,
        dataEvents: false,
        tracing: false,
        pushShards: 1,
        recordAnswers: null,
      },
    ])
  })

  it('accepts all options', () => {
    const full = environment({
      name: 'eu-prod',
      account: '123456789012',
      region: 'eu-central-1',
      removal: 'destroy',
      noncurrentVersions: days(7),
      logRetention: days(365),
      replicas: ['eu-west-1'],
      dax: { nodeType: 'dax.r5.large', itemTtl: minutes(10) },
      vpc: {
        vpcId: 'vpc-0123456a',
        subnetIds: ['subnet-0123456a', 'subnet-0123456b'],
        availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      },
      alarms: { topicArn: 'arn:aws:sns:eu-central-1:123456789012:oncall' },
      budget: 99.5,
      recordAnswers: { share: 0.01 },
    })
    expect(compileEnvironments([full], compile([lagging]))).toMatchObject([
      {
        account: '123456789012',
        removal: 'destroy',
        noncurrentDays: 7,
        logRetentionDays: 365,
        replicas: ['eu-west-1'],
        dax: { nodeType: 'dax.r5.large', nodes: 3, itemTtlMs: 600_000 },
        vpc: { kind: 'given', vpcId: 'vpc-0123456a', subnetIds: ['subnet-0123456a', 'subnet-0123456b'] },
        alarms: { email: null, topicArn: 'arn:aws:sns:eu-central-1:123456789012:oncall' },
        budget: 99.5,
        recordAnswers: { share: 0.01 },
      },
    ])
  })

  it('with DAX has a VPC, declared or not', () => {
    const dax = { nodeType: 'dax.t3.small', nodes: 1 }
    const declared = environment({ name: 'dev', region: 'eu-central-1', dax })
    expect(compileEnvironments([declared], compile([lagging]))).toMatchObject([
      { dax: { nodes: 1, itemTtlMs: 300_000 }, vpc: { kind: 'new', cidr: '10.0.0.0/16' } },
    ])
  })

  it('is compiled once from all exports, sorted by name', () => {
    const found = compileEnvironments([prod, ...all, dev, 7, null, dev], plan)
    expect(found.map(({ name }) => name)).toEqual(['dev', 'prod'])
  })

  it('is not part of the plan', () => {
    expect(compile([...all, dev, prod])).toStrictEqual(plan)
  })
})

describe('a diagnostic of an environment', () => {
  it.each(ENVIRONMENTS)('%s: %s', (code, _what, change, place, got) => {
    const { name } = changed(change)
    const path = `environment ${name ?? 'nothing'}${place}`
    expect(environmentMistakes(changed(change))).toEqual([expect.objectContaining({ code, path, got })])
  })

  it('is reported for two environments with the same name', () => {
    expect(environmentMistakes(dev, changed({}))).toMatchObject([
      { code: 'duplicate-name', path: 'environment dev' },
    ])
  })

  it('is reported for DAX if no view has a maxStaleness', () => {
    expect(mistakesUnder(plan, [changed({ dax: { nodeType: 'dax.t3.small' } })])).toMatchObject([
      { code: 'dax-unused', path: 'environment dev › dax' },
    ])
  })

  it.each([
    ['dax.r5.larg', 'eu-central-1', /did you mean 'dax.r5.large'/],
    ['dax.r4.12xlarge', 'eu-central-1', /did you mean 'dax.r4/],
    ['dax.m5.large', 'us-east-1', /./],
    ['dax.r7i.large', 'cn-north-1', /./],
  ])('is reported for the DAX node type %s in %s', (nodeType, region, remedy) => {
    const dax = { nodeType, itemTtl: minutes(10) }
    expect(mistakesUnder(compile([lagging]), [changed({ region, dax })])).toEqual([
      expect.objectContaining({
        code: 'bad-spelling',
        path: 'environment dev › dax › nodeType',
        remedy: expect.stringMatching(remedy),
      }),
    ])
  })

  it('is not reported for a DAX node type that the region has', () => {
    expect([daxNodeTypes('us-east-1').length, daxNodeTypes('cn-north-1').length]).toEqual([31, 12])
    const dax = { nodeType: 'dax.r7i.large', itemTtl: minutes(10) }
    expect(mistakesUnder(compile([lagging]), [changed({ dax })])).toEqual([])
  })

  it('is reported for a cluster whose item TTL exceeds every maxStaleness', () => {
    const fresh = { ...lagging, schedule: { every: minutes(5) }, freshness: minutes(12) }
    const cluster = changed({ dax: { nodeType: 'dax.t3.small', itemTtl: minutes(15) } })
    // A view is read through a cluster only if its maxStaleness covers the item TTL. Its freshness must allow that too.
    expect(() => compile([{ ...fresh, maxStaleness: minutes(15) }])).toThrow(
      '25 min and more: 5 min between two runs + 5 min for a run + 15 min of maxStaleness',
    )
    const kept = compile([{ ...fresh, maxStaleness: minutes(2) }])
    expect(mistakesUnder(kept, [cluster])).toMatchObject([{ code: 'dax-unused', got: '900000 ms' }])
  })

  it('is returned with another requested environment, and does not stop it', () => {
    const [right, wrong] = [changed({}), changed({ name: 'prod', region: 'cn-nort-1', budget: -1 })]
    const others = [
      { code: 'bad-region', path: 'environment prod › region' },
      { code: 'bad-number', path: 'environment prod › budget' },
    ]
    const asked = (name: string) => compileNamedEnvironment([right, wrong], plan, name)
    expect(asked('dev')).toMatchObject({ environment: { name: 'dev' }, names: ['dev', 'prod'], others })
    expect(() => asked('prod')).toThrow(CompileError)
    expect(asked('test')).toMatchObject({ environment: null, others })
  })

  it('of a region does not cause one of a principal, which may be in that partition', () => {
    const view = lagging
    const principals = ['arn:aws-cn:iam::123456789012:role/reader']
    const under = compile([consumer({ name: 'reader', principals, grants: [view] })])
    expect(
      compileNamedEnvironment([changed({}), changed({ name: 'cn', region: 'cn-nort-1' })], under, 'dev'),
    ).toMatchObject({ others: [{ code: 'bad-region' }] })
    expect(mistakesUnder(under, [changed({})])).toMatchObject([{ code: 'other-partition' }])
  })

  it('is reported together with all others', () => {
    const mistakes = environmentMistakes(
      changed({ region: '', account: '' }),
      changed({ name: 'prod', budget: -1 }),
    )
    expect(mistakes.map(({ code }) => code)).toEqual(['bad-region', 'bad-account', 'bad-number'])
  })
})
