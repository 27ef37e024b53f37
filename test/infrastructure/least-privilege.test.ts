/** Every statement of every template: nothing is allowed on more than it must be, and what is too wide says why. */
import { describe, expect, it } from '@jest/globals'
import { listOf, type Statement, shown, statementsOf } from './statements.ts'
import { FULL, SHOP } from './stores.ts'
import { synthesize } from './synthesis.ts'

/** Actions that AWS allows on all resources only, and who does them. */
const KNOW_NO_RESOURCE = {
  'xray:PutTraceSegments': 'a trace is no resource',
  'xray:PutTelemetryRecords': 'nor is what X-Ray measures of itself',
  'xray:GetSamplingRules': 'rules are read as a whole',
  'xray:GetSamplingTargets': 'and so are their quotas',
  'logs:CreateLogDelivery': 'Step Functions sets up its log; a delivery has no ARN',
  'logs:GetLogDelivery': 'as above',
  'logs:UpdateLogDelivery': 'as above',
  'logs:DeleteLogDelivery': 'as above',
  'logs:ListLogDeliveries': 'as above',
  'logs:PutResourcePolicy': 'the log groups’ policy is the account’s',
  'logs:DescribeResourcePolicies': 'as above',
  'logs:DescribeLogGroups': 'Step Functions looks for its log among all',
  'ec2:CreateNetworkInterface': 'Lambda makes interfaces in subnets before they have ARNs',
  'ec2:DescribeNetworkInterfaces': 'EC2 lists only all of them',
  'ec2:DescribeSubnets': 'EC2 lists only all of them',
  'ec2:DeleteNetworkInterface': 'an interface’s id is not known beforehand',
  'ec2:AssignPrivateIpAddresses': 'as above',
  'ec2:UnassignPrivateIpAddresses': 'as above',
}

/** Patterns in the ARNs of resources, and why they are none but patterns. */
const PATTERNS: readonly (readonly [RegExp, why: string])[] = [
  [/:s3:::quern-full-\d+-eu-central-1\/[a-z-]+\/\*$/, 'the files of one folder, which come and go'],
  [
    /:table\/quern_full\/\*$/,
    'the tables of the store’s own database: read by every query, made at a deploy',
  ],
  [/:table\/quern_full\/\*_v\*$/, 'the tables of views’ versions: a list of all would not fit into a policy'],
  [/:table\/quern_full\/quern_file_\*$/, 'tables of unloaded files, which have the names of hashes'],
  [
    /:application\/<ServingRolloutBookApplication\w+>\/environment\/\*\/configuration\/\*$/,
    'the one book of the store’s own application',
  ],
  [/:s3:::quern-full-\d+-eu-central-1\/aws\/lambda\/\*$/, 'where Lambda writes the records that it gives up'],
  [/:execution:quern-full-materialization[:/]\*$/, 'the runs of the one workflow'],
]

/** Of AWS, where CDK attaches them. */
const MANAGED = {
  'service-role/AWSCodeDeployRoleForLambdaLimited':
    'CodeDeploy’s own, for one alias: AWS keeps it up to date',
}

const store = synthesize(FULL, SHOP)
const roles = store.resources().filter(([, { Type }]) => /^AWS::IAM::(Policy|ManagedPolicy|Role)$/.test(Type))
const allowed: readonly (readonly [where: string, statement: Statement])[] = roles.flatMap(([id, resource]) =>
  statementsOf(resource)
    .filter(({ Effect, Resource }) => Effect === 'Allow' && Resource !== undefined)
    .map(statement => [id, statement] as const),
)

describe('what a role may do', () => {
  it('is on everything only where AWS knows no resource', () => {
    const wide = allowed.filter(([, { Resource }]) => listOf(Resource).some(one => shown(one) === '*'))
    const actions = [...new Set(wide.flatMap(([, { Action }]) => listOf(Action)))].sort()
    expect(actions).toEqual(Object.keys(KNOW_NO_RESOURCE).sort())
  })

  it('is on a pattern of names only for a reason', () => {
    const patterns = allowed
      .flatMap(([, { Resource }]) => listOf(Resource).map(shown))
      .filter(resource => resource.includes('*') && resource !== '*')
    expect(patterns.filter(resource => !PATTERNS.some(([pattern]) => pattern.test(resource)))).toEqual([])
    expect(PATTERNS.filter(([pattern]) => !patterns.some(resource => pattern.test(resource)))).toEqual([])
  })

  it('is named action by action, but for the variants of one', () => {
    const wide = allowed
      .flatMap(([, { Action }]) => listOf(Action))
      .filter(action => String(action).includes('*'))
    expect([...new Set(wide)].sort()).toEqual(['kms:GenerateDataKey*', 'kms:ReEncrypt*'])
  })

  it('comes from no policy of AWS’s but these', () => {
    const managed = roles
      .flatMap(([, { Properties }]) => listOf(Properties['ManagedPolicyArns'] ?? []))
      .map(arn => shown(arn).replace(/^.*:policy\//, ''))
    expect(managed.sort()).toEqual([...Object.keys(MANAGED), 'read-orders'].sort())
  })

  it('is a role of its own for each function and for the workflow', () => {
    const functions = [
      ...store.resources('AWS::Lambda::Function').map(([, { Properties }]) => Properties['Role']),
      ...store
        .resources('AWS::StepFunctions::StateMachine')
        .map(([, { Properties }]) => Properties['RoleArn']),
    ]
    expect(new Set(functions.map(shown)).size).toBe(functions.length)
  })

  it.each([
    ['GetOnlineFeatures', ['dynamodb:BatchGetItem', 'dynamodb:GetItem']],
    ['WriteChunk', ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem']],
    ['PushRows', ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem']],
    ['PushEvents', []],
    ['IngestView', []],
    ['PrepareStore', []],
    ['ReportRun', []],
    ['SelectLatestRows', ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem']],
    ['AdvanceWatermark', ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem']],
  ])('in the online table, as %s, is %j', (name, actions) => {
    const own = allowed.filter(([where]) => where.includes(`${name}Role`))
    const found = own
      .flatMap(([, { Action }]) => listOf(Action).map(String))
      .filter(one => one.startsWith('dynamodb:'))
    expect([...new Set(found)].sort()).toEqual(actions)
  })

  it.each([
    ['SelectLatestRows', ['dynamodb:GetItem']],
    ['AdvanceWatermark', ['dynamodb:GetItem', 'dynamodb:PutItem']],
  ])('in the online table, as %s, is %j on watermarks, and all else on definitions', (name, actions) => {
    const own = allowed
      .filter(([where]) => where.includes(`${name}Role`))
      .map(([, { Action, Condition }]) => ({ actions: listOf(Action).map(String), Condition }))
      .filter(({ actions }) => actions.some(one => one.startsWith('dynamodb:')))
    const only = (keys: string) => ({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [keys] },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    })
    expect(own).toEqual([
      { actions, Condition: only('watermark|*') },
      { actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], Condition: only('definition|*') },
    ])
  })

  it('on streams is to read them, as PushRows, and to write to the store’s own, as PushEvents', () => {
    const streams = (name: string) =>
      allowed
        .filter(([where]) => where.includes(`${name}Role`))
        .flatMap(([, { Action, Resource }]) =>
          listOf(Action).flatMap(action => listOf(Resource).map(one => `${action} ${shown(one)}`)),
        )
        .filter(one => one.startsWith('kinesis:'))
    expect(streams('PushEvents')).toEqual([
      expect.stringMatching(/^kinesis:PutRecords .*:stream\/quern-full-pushed$/),
    ])
    const read = streams('PushRows')
    expect(read.filter(one => /kinesis:(Get|Describe|List|Subscribe)/.test(one))).toEqual(read)
    expect([...new Set(read.map(one => one.replace(/^.*:stream\//, '')))].sort()).toEqual([
      'quern-full-pushed',
      'website-clicks',
    ])
  })

  it('never is to delete a table of a view, a file version, or an item', () => {
    const all = allowed.flatMap(([, { Action, Resource }]) =>
      listOf(Action).flatMap(action => listOf(Resource).map(resource => `${action} ${shown(resource)}`)),
    )
    const deleting = all.filter(one => /delete/i.test(one) && !/^(logs|ec2):/.test(one))
    expect(
      deleting.filter(
        one =>
          !/^s3:DeleteObject /.test(one) &&
          !/^glue:DeleteTable .*(quern_file_\*|:catalog|database\/quern_full)$/.test(one),
      ),
    ).toEqual([])
  })
})

describe('who may use what by its own policy', () => {
  const policies = store
    .resources()
    .filter(([, { Type }]) => !Type.startsWith('AWS::IAM::'))
    .flatMap(([id, resource]) => statementsOf(resource).map(statement => [id, statement] as const))

  it('is nobody without encryption on the way', () => {
    const guarded = policies.filter(([, { Condition }]) =>
      JSON.stringify(Condition)?.includes('aws:SecureTransport'),
    )
    const kinds = [
      'OfflineBucketPolicy',
      'OfflineLogBucketPolicy',
      'TopicsOwnPolicy',
      'LettersPolicy',
      'FailedRunsPolicy',
    ]
    for (const kind of kinds)
      expect(guarded.filter(([id, { Effect }]) => id.includes(kind) && Effect === 'Deny')).not.toEqual([])
  })

  it('is a service only for this account, or for one resource of it', () => {
    const services = policies.filter(
      ([, { Effect, Principal }]) => Effect === 'Allow' && shown(Principal) !== '*',
    )
    const open = services.filter(([, { Principal, Condition }]) => {
      const isService = JSON.stringify(Principal).includes('.amazonaws.com')
      return isService && !/aws:Source(Account|Arn)/.test(JSON.stringify(Condition) ?? '')
    })
    expect(open).toEqual([])
  })

  it('is never everybody', () => {
    const everybody = policies.filter(
      ([, { Effect, Principal }]) => Effect === 'Allow' && /"\*"/.test(JSON.stringify(Principal)),
    )
    expect(everybody).toEqual([])
  })
})
