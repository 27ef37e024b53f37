/** What the templates of a store say of its parts, and of who reads, writes and calls whom: by policies, triggers and references. */

interface Resource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}
interface Template {
  readonly Resources: Readonly<Record<string, Resource>>
}

/** By the stacks' parts: `offline`, `online`, … */
export type Templates = Readonly<Record<string, Template>>

export interface Part {
  readonly id: string
  readonly stack: string
  readonly label: string
  /** In small type. */
  readonly kind: string
}

export interface Link {
  readonly from: string
  readonly to: string
  readonly what: 'reads' | 'writes' | 'calls'
}

export interface Graph {
  readonly parts: readonly Part[]
  readonly links: readonly Link[]
  /** Resources of each type, by stack. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** Types that are parts of the picture, each once in a stack: id, label and kind. */
const SINGLE: Readonly<Record<string, readonly [id: string, label: string, kind: string]>> = {
  'AWS::ApiGatewayV2::Api': ['api', 'HTTP API', 'API Gateway'],
  'AWS::AppConfig::Application': ['book', 'rollouts', 'AppConfig'],
  'AWS::DAX::Cluster': ['dax', 'cache', 'DAX'],
  'AWS::DynamoDB::GlobalTable': ['table', 'online table', 'DynamoDB'],
  'AWS::SecretsManager::Secret': ['secret', 'key of hashes', 'Secrets Manager'],
  'AWS::Kinesis::Stream': ['stream', 'pushed rows', 'Kinesis'],
  'AWS::KinesisFirehose::DeliveryStream': ['firehose', 'delivery', 'Data Firehose'],
  'AWS::StepFunctions::StateMachine': ['workflow', 'workflow', 'Step Functions'],
  'AWS::Athena::WorkGroup': ['athena', 'workgroup', 'Athena'],
  'AWS::Glue::Database': ['glue', 'catalogue', 'Glue'],
  'AWS::KMS::Key': ['key', 'key', 'KMS'],
}

export function graphOf(templates: Templates): Graph {
  const parts = Object.entries(templates).flatMap(([stack, template]) => partsOf(stack, template))
  const ids = new Set(parts.map(({ id }) => id))
  const links = Object.values(templates).flatMap(template => linksOf(template))
  const distinct = new Map(
    links.filter(({ from, to }) => ids.has(from) && ids.has(to)).map(link => [JSON.stringify(link), link]),
  )
  return { parts, links: [...distinct.values()], counts: countsOf(templates) }
}

const countsOf = (templates: Templates): Graph['counts'] =>
  Object.fromEntries(
    Object.entries(templates).map(([stack, { Resources }]) => [
      stack,
      Object.fromEntries(
        [...Map.groupBy(Object.values(Resources), ({ Type }) => Type)].map(([type, all]) => [
          type,
          all.length,
        ]),
      ),
    ]),
  )

function partsOf(stack: string, { Resources }: Template): readonly Part[] {
  const functions = Object.values(Resources).flatMap(resource => {
    const name = functionName(resource)
    return name === null ? [] : [{ id: name, stack, label: name, kind: 'Lambda' }]
  })
  const single = Object.values(Resources).flatMap(({ Type }) => {
    const [id, label, kind] = SINGLE[Type] ?? []
    return id === undefined || label === undefined || kind === undefined ? [] : [{ id, stack, label, kind }]
  })
  const buckets = Object.entries(Resources)
    .filter(([id]) => id === 'Bucket')
    .map(() => ({ id: 'bucket', stack, label: 'offline bucket', kind: 'S3' }))
  return [...functions, ...single, ...buckets, ...counted(stack, Resources)]
}

const COUNTED: Readonly<Record<string, readonly [id: string, one: string, kind: string]>> = {
  'AWS::Scheduler::Schedule': ['schedules', 'schedule', 'EventBridge'],
  'AWS::Events::Rule': ['events', 'event rule', 'EventBridge'],
  'AWS::SQS::Queue': ['letters', 'dead letters', 'SQS'],
}

const counted = (stack: string, resources: Template['Resources']): readonly Part[] =>
  Object.entries(COUNTED).flatMap(([type, [id, one, kind]]) => {
    const count = Object.values(resources).filter(({ Type }) => Type === type).length
    const label = count === 1 ? one : `${count} ${one}${one.endsWith('s') ? '' : 's'}`
    return count === 0 ? [] : [{ id: `${id}-${stack}`, stack, label, kind }]
  })

/** `quern-prod-write-chunk` → `write-chunk`. */
const functionName = ({ Type, Properties }: Resource): string | null =>
  Type === 'AWS::Lambda::Function' ? String(Properties?.['FunctionName']).replace(/^quern-[^-]+-/, '') : null

/** Whose a role is: a function's or a service's, by the construct that made it. */
const ROLES: readonly (readonly [RegExp, string])[] = [
  [/GetOnlineFeaturesRole/, 'get-online-features'],
  [/PushEventsRole/, 'push-events'],
  [/IngestViewRole/, 'ingest-view'],
  [/SelectLatestRowsRole/, 'select-latest-rows'],
  [/WriteChunkRole/, 'write-chunk'],
  [/AdvanceWatermarkRole/, 'advance-watermark'],
  [/ReportRunRole/, 'report-run'],
  [/PrepareStoreRole/, 'prepare-store'],
  [/PushRowsRole/, 'push-rows'],
  [/DeliveryRole/, 'firehose'],
  [/WorkflowRole/, 'workflow'],
  [/SchedulerRole/, 'schedules-materialization'],
  [/EventsRole/, 'events-materialization'],
  [/DaxRole/, 'dax'],
]

/** What an action does, and to what. */
const ACTIONS: readonly (readonly [RegExp, what: Link['what'], to: string])[] = [
  [/^dynamodb:(BatchGetItem|GetItem)$/, 'reads', 'table'],
  [/^dynamodb:PutItem$/, 'writes', 'table'],
  [/^dax:/, 'reads', 'dax'],
  [/^appconfig:GetLatestConfiguration$/, 'reads', 'book'],
  [/^athena:StartQueryExecution$/, 'calls', 'athena'],
  [/^firehose:PutRecordBatch$/, 'writes', 'firehose'],
  [/^kinesis:GetRecords$/, 'reads', 'stream'],
  [/^kinesis:PutRecords$/, 'writes', 'stream'],
  [/^states:StartExecution$/, 'calls', 'workflow'],
]

interface Statement {
  readonly Action: string | readonly string[]
  readonly Resource: unknown
}

function linksOf({ Resources }: Template): readonly Link[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
    if (Type !== 'AWS::IAM::Policy') return declared(id, Type)
    const from = ROLES.find(([pattern]) => pattern.test(id))?.[1]
    const { Statement } = Object(Properties?.['PolicyDocument']) as {
      readonly Statement: readonly Statement[]
    }
    return from === undefined ? [] : granted(from, Statement, Resources)
  })
}

/** What needs no policy. */
function declared(id: string, type: string): readonly Link[] {
  if (type === 'AWS::ApiGatewayV2::Integration')
    return [{ from: 'api', to: /Push/.test(id) ? 'push-events' : 'get-online-features', what: 'calls' }]
  if (type === 'AWS::Athena::WorkGroup')
    return [
      { from: 'athena', to: 'bucket', what: 'reads' },
      { from: 'athena', to: 'bucket', what: 'writes' },
    ]
  return []
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T])

function granted(
  from: string,
  statements: readonly Statement[],
  resources: Template['Resources'],
): readonly Link[] {
  const actions = new Set(statements.flatMap(({ Action }) => listOf(Action)))
  const known = ACTIONS.flatMap(([pattern, what, to]): readonly Link[] =>
    [...actions].some(action => pattern.test(action)) && to !== from ? [{ from, to, what }] : [],
  )
  return [...known, ...invoked(from, statements, resources), ...fileLinks(from, actions)]
}

/** A query's files are Athena's business. */
function fileLinks(from: string, actions: ReadonlySet<string>): readonly Link[] {
  if (actions.has('athena:StartQueryExecution')) return []
  if (actions.has('s3:PutObject')) return [{ from, to: 'bucket', what: 'writes' }]
  return actions.has('s3:GetObject') ? [{ from, to: 'bucket', what: 'reads' }] : []
}

function invoked(
  from: string,
  statements: readonly Statement[],
  resources: Template['Resources'],
): readonly Link[] {
  const targets = statements
    .filter(({ Action }) => listOf(Action).includes('lambda:InvokeFunction'))
    .flatMap(({ Resource }) => listOf(Resource))
  return targets.flatMap((target): readonly Link[] => {
    const [id] = listOf<unknown>(Object(target)['Fn::GetAtt'] ?? [])
    const resource = resources[String(id)]
    const name = resource === undefined ? null : functionName(resource)
    return name === null ? [] : [{ from, to: name, what: 'calls' }]
  })
}
