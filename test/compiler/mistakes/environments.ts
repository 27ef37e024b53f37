/** Environments with one error each. */
import { days, environment, featureView, hours, minutes } from 'quern'
import { compile } from '../../../lib/compiler/compile.ts'
import {
  CompileError,
  type Diagnostic,
  type DiagnosticCode,
} from '../../../lib/compiler/diagnostics/diagnostics.ts'
import { compileEnvironments } from '../../../lib/compiler/environment/compile-environment.ts'
import type { Plan } from '../../../lib/plan/plan.ts'
import { airport, observations } from '../example.ts'

/** A view that a DAX cluster can serve, so that only the error in the cluster is reported. */
export const lagging = featureView({
  name: 'lagging',
  entities: [airport],
  source: observations,
  features: { temp: 'float64' },
  maxStaleness: minutes(10),
})

export const environmentMistakes = (...exported: readonly unknown[]): readonly Diagnostic[] =>
  mistakesUnder(compile([lagging]), exported)

export function mistakesUnder(plan: Plan, exported: readonly unknown[]): readonly Diagnostic[] {
  try {
    compileEnvironments(exported, plan)
  } catch (error) {
    if (error instanceof CompileError) return error.mistakes
    throw error
  }
  return []
}

/** A valid environment with changes. Any field may have any value, as in plain JavaScript. */
export const changed = (change: Record<string, unknown>) => ({
  ...environment({ name: 'dev', region: 'eu-central-1' }),
  ...change,
})

type EnvironmentRow = readonly [
  DiagnosticCode,
  what: string,
  change: Record<string, unknown>,
  place: string,
  got: string,
]

const names = ['', 'Dev', '1st', 'dev_1', 'dev-', 'de--v', 'a'.repeat(21)].map(
  (name): EnvironmentRow => ['bad-environment-name', `the name '${name}'`, { name }, '', `'${name}'`],
)
const numbers = (
  [
    ['concurrency', 'reserved', 0],
    ['concurrency', 'provisioned', 1.5],
    ['concurrency', 'chunks', 1_001],
    ['throttle', 'ratePerSecond', -1],
    ['throttle', 'burst', '7'],
    ['dax', 'nodes', 12],
  ] as const
).map(
  ([setting, field, value]): EnvironmentRow => [
    'bad-number',
    `${setting}.${field} of ${value}`,
    {
      [setting]: {
        ...(setting === 'dax' ? { nodeType: 'dax.r5.large', itemTtl: minutes(1) } : {}),
        [field]: value,
      },
    },
    ` › ${setting} › ${field}`,
    typeof value === 'string' ? `'${value}'` : String(value),
  ],
)
const vpc = { vpcId: 'vpc-0123456a', subnetIds: ['subnet-0123456a'], availabilityZones: ['eu-central-1a'] }

const ARN = 'arn:aws:sns:eu-central-1:123456789012:oncall'
const account = '123456789012'

/** Settings that AWS refuses in a deployment, or accepts and never uses. */
const PLACES: readonly EnvironmentRow[] = [
  ['bad-region', 'an unknown region', { region: 'eu-central-9' }, ' › region', "'eu-central-9'"],
  ['other-partition', 'a replica in China', { replicas: ['cn-north-1'] }, ' › replicas', "'cn-north-1'"],
  [
    'other-partition',
    'a replica in GovCloud',
    { replicas: ['us-gov-west-1'] },
    ' › replicas',
    "'us-gov-west-1'",
  ],
  [
    'other-partition',
    'a topic of another partition',
    { region: 'us-gov-west-1', alarms: { topicArn: 'arn:aws:sns:us-gov-west-1:123456789012:oncall' } },
    ' › alarms › topicArn',
    "'arn:aws:sns:us-gov-west-1:123456789012:oncall'",
  ],
  [
    'other-partition',
    'a policy of another partition',
    { sourcePolicies: ['arn:aws-cn:iam::aws:policy/ReadOnlyAccess'] },
    ' › sourcePolicies',
    "'arn:aws-cn:iam::aws:policy/ReadOnlyAccess'",
  ],
  [
    'other-partition',
    'a budget in yuan',
    { region: 'cn-north-1', budget: 5 },
    ' › budget',
    '5 US dollars in cn-north-1',
  ],
  [
    'other-place',
    'a topic of another region',
    { alarms: { topicArn: 'arn:aws:sns:us-east-1:123456789012:oncall' } },
    ' › alarms › topicArn',
    "'arn:aws:sns:us-east-1:123456789012:oncall'",
  ],
  [
    'other-place',
    'a topic of another account',
    { account: '210987654321', alarms: { topicArn: ARN } },
    ' › alarms › topicArn',
    `'${ARN}'`,
  ],
  [
    'bad-spelling',
    'a queue for a topic',
    { alarms: { topicArn: ARN.replace('sns', 'sqs') } },
    ' › alarms › topicArn',
    `'${ARN.replace('sns', 'sqs')}'`,
  ],
  [
    'bad-spelling',
    'a FIFO topic',
    { alarms: { topicArn: `${ARN}.fifo` } },
    ' › alarms › topicArn',
    `'${ARN}.fifo'`,
  ],
  [
    'bad-spelling',
    'two addresses',
    { alarms: { email: 'a@example.com,b@example.com' } },
    ' › alarms › email',
    "'a@example.com,b@example.com'",
  ],
  [
    'other-place',
    'a policy of another account',
    { account, sourcePolicies: ['arn:aws:iam::210987654321:policy/read-orders'] },
    ' › sourcePolicies',
    "'arn:aws:iam::210987654321:policy/read-orders'",
  ],
  [
    'bad-number',
    'eleven policies',
    { sourcePolicies: Array.from({ length: 11 }, (_, i) => `arn:aws:iam::aws:policy/P${i}`) },
    ' › sourcePolicies',
    '11 policies',
  ],
  [
    'duplicate-name',
    'a policy twice',
    { sourcePolicies: ['arn:aws:iam::aws:policy/P', 'arn:aws:iam::aws:policy/P'] },
    ' › sourcePolicies',
    "'arn:aws:iam::aws:policy/P'",
  ],
  [
    'bad-spelling',
    'policies by a wildcard',
    { sourcePolicies: ['arn:aws:iam::123456789012:policy/*'] },
    ' › sourcePolicies',
    "'arn:aws:iam::123456789012:policy/*'",
  ],
  [
    'other-place',
    'zones of another region',
    { vpc: { ...vpc, availabilityZones: ['eu-west-1a'] } },
    ' › vpc › availabilityZones',
    "'eu-west-1a'",
  ],
  ...['10.0/16', '10.0.0.999/16', '10.0.1.0/16', '172.32.0.0/16'].map(
    (cidr): EnvironmentRow => [
      'bad-spelling',
      `the network ${cidr}`,
      { vpc: { cidr } },
      ' › vpc › cidr',
      `'${cidr}'`,
    ],
  ),
]

const tag = (what: string, tags: Record<string, unknown>, got: string): EnvironmentRow => [
  'bad-tag',
  what,
  { tags },
  ' › tags',
  got,
]
const TAGS: readonly EnvironmentRow[] = [
  tag('a tag of AWS’s own', { 'aws:stage': 'x' }, "'aws:stage': 'x'"),
  tag('a tag of AWS’s own in other letters', { 'AWS:stage': 'x' }, "'AWS:stage': 'x'"),
  tag('a tag of quern’s own', { 'quern:environment': 'x' }, "'quern:environment': 'x'"),
  tag('a tag without a name', { '': 'x' }, "'': 'x'"),
  tag('a tag without a value', { stage: '' }, "'stage': ''"),
  tag('a long name', { ['k'.repeat(129)]: 'x' }, `'${'k'.repeat(78)}…: 'x'`),
  tag('a long value', { stage: 'v'.repeat(257) }, `'stage': '${'v'.repeat(78)}…`),
  tag('a name with a bracket', { 'a(b)': 'x' }, "'a(b)': 'x'"),
  tag('a value with a hash', { stage: '#1' }, "'stage': '#1'"),
  tag('names that differ in case', { Team: 'a', team: 'b' }, "'Team' and 'team'"),
  [
    'too-many-tags',
    'forty-eight tags',
    { tags: Object.fromEntries(Array.from({ length: 48 }, (_, i) => [`k${i}`, 'v'])) },
    ' › tags',
    '48',
  ],
]

/** Unknown options. */
const UNKNOWN: readonly EnvironmentRow[] = (
  [
    ['', 'Region', {}],
    [' › alarms', 'mail', { alarms: { mail: 'a@example.com' } }],
    [' › concurrency', 'chunk', { concurrency: { chunk: 3 } }],
    [' › throttle', 'rate', { throttle: { rate: 3 } }],
    [' › dax', 'ttl', { dax: { nodeType: 'dax.t3.small', itemTtl: minutes(1), ttl: 3 } }],
    [' › vpc', 'subnets', { vpc: { cidr: '10.0.0.0/16', subnets: [] } }],
    [' › recordAnswers', 'shares', { recordAnswers: { share: 1, shares: 3 } }],
  ] as const
).map(
  ([place, name, change]): EnvironmentRow => [
    'unknown-option',
    `an option of${place || ' the environment'}`,
    place === '' ? { [name]: 'x' } : change,
    place,
    `'${name}'`,
  ],
)

export const ENVIRONMENTS: readonly EnvironmentRow[] = [
  ...names,
  ...PLACES,
  ...TAGS,
  ...UNKNOWN,
  ['bad-environment-name', 'no name', { name: undefined }, '', 'nothing'],
  ['bad-account', 'a number', { account: 123456789012 }, ' › account', '123456789012'],
  ['bad-account', 'too few digits', { account: '1234' }, ' › account', "'1234'"],
  ['bad-region', 'a zone', { region: 'eu-central-1a' }, ' › region', "'eu-central-1a'"],
  ['bad-region', 'no region', { region: undefined }, ' › region', 'nothing'],
  ['bad-region', 'a replica in an unknown region', { replicas: ['mars'] }, ' › replicas', "'mars'"],
  [
    'bad-replica',
    'a replica in the own region',
    { replicas: ['eu-central-1'] },
    ' › replicas',
    "'eu-central-1'",
  ],
  [
    'bad-replica',
    'two replicas in one region',
    { replicas: ['eu-west-1', 'eu-west-1'] },
    ' › replicas',
    "'eu-west-1'",
  ],
  ['wrong-kind', 'invalid tags', { tags: ['a'] }, ' › tags', '["a"]'],
  ['wrong-kind', 'an invalid flag', { tracing: 'yes' }, ' › tracing', "'yes'"],
  ['wrong-kind', 'an invalid network', { vpc: true }, ' › vpc', 'true'],
  ['wrong-kind', 'invalid alarms', { alarms: 'me@example.com' }, ' › alarms', "'me@example.com'"],
  ['bad-choice', 'a removal', { removal: 'snapshot' }, ' › removal', "'snapshot'"],
  ['bad-choice', 'a canary', { canary: 'slowly' }, ' › canary', "'slowly'"],
  ['bad-number', 'half a day', { noncurrentVersions: hours(12) }, ' › noncurrentVersions', '43200000 ms'],
  ['bad-number', 'logs for 31 days', { logRetention: days(31) }, ' › logRetention', '2678400000 ms'],
  ['not-positive', 'logs for no time', { logRetention: days(0) }, ' › logRetention', '0 ms'],
  ['bad-number', 'a limit below 10 MB', { scanLimitBytes: 1e6 }, ' › scanLimitBytes', '1000000'],
  ['bad-number', 'a budget of 0', { budget: 0 }, ' › budget', '0'],
  ['bad-number', 'a share of 0', { recordAnswers: { share: 0 } }, ' › recordAnswers › share', '0'],
  ['bad-number', 'more than all', { recordAnswers: { share: 1.5 } }, ' › recordAnswers › share', '1.5'],
  ['bad-number', 'no share', { recordAnswers: {} }, ' › recordAnswers › share', 'nothing'],
  ['wrong-kind', 'an invalid feature log', { recordAnswers: true }, ' › recordAnswers', 'true'],
  ['bad-number', 'no shard', { pushShards: 0 }, ' › pushShards', '0'],
  ...numbers,
  [
    'provisioned-beyond-reserved',
    'more provisioned than reserved concurrency',
    { concurrency: { reserved: 2, provisioned: 3 } },
    ' › concurrency › provisioned',
    '3, with 2 reserved,',
  ],
  [
    'bad-spelling',
    'a node',
    { dax: { nodeType: 'r5.large', itemTtl: minutes(1) } },
    ' › dax › nodeType',
    "'r5.large'",
  ],
  ['bad-spelling', 'a policy', { sourcePolicies: ['ReadOrders'] }, ' › sourcePolicies', "'ReadOrders'"],
  ['not-positive', 'no TTL', { dax: { nodeType: 'dax.r5.large', itemTtl: 300 } }, ' › dax › itemTtl', '300'],
  ['bad-spelling', 'an address', { alarms: { email: 'oncall' } }, ' › alarms › email', "'oncall'"],
  ['bad-spelling', 'a topic', { alarms: { topicArn: 'alarms' } }, ' › alarms › topicArn', "'alarms'"],
  ['bad-spelling', 'a public network', { vpc: { cidr: '8.8.0.0/16' } }, ' › vpc › cidr', "'8.8.0.0/16'"],
  ['bad-spelling', 'a network by name', { vpc: { ...vpc, vpcId: 'main' } }, ' › vpc › vpcId', "'main'"],
  ['bad-spelling', 'a subnet by name', { vpc: { ...vpc, subnetIds: ['a'] } }, ' › vpc › subnetIds', "'a'"],
  [
    'bad-spelling',
    'a region for a zone',
    { vpc: { ...vpc, availabilityZones: ['eu-central-1'] } },
    ' › vpc › availabilityZones',
    "'eu-central-1'",
  ],
  ['wrong-kind', 'no subnet', { vpc: { vpcId: 'vpc-0123456a' } }, ' › vpc › subnetIds', 'nothing'],
  [
    'wrong-kind',
    'a network that is new and given',
    { vpc: { vpcId: 'vpc-0123456a', cidr: '10.0.0.0/16' } },
    ' › vpc',
    '{"vpcId":"vpc-0123456a","cidr":"10.0.0.0/16"}',
  ],
]
