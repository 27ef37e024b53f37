import type { ValueType } from '../../definition/value-types.ts'
import type { Caller } from '../../online/access/access.ts'
import { TERMINAL } from '../../online/access/masked-plan.ts'
import type { Plan, ServicePlan } from '../../plan/plan.ts'
import { wholeNumberForm, wholeNumberOfText } from '../../storable/whole-number.ts'
import { StoreError } from '../../store-error.ts'
import { findService } from '../../verbs/tables/open-origin.ts'
import { piiFeatures } from '../../verbs/tables/pii-columns.ts'
import { viewsOf } from '../../verbs/training-set/build-spec.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { asJson, type DefineCommand, env, now } from '../arguments/shared-options.ts'
import { compareOnline } from '../effects/compare-stored.ts'
import { warnIfAhead, warnIfBehind } from '../print/clock-warnings.ts'
import { result, table } from '../print/print.ts'
import { openStore, type Store } from '../store/store.ts'

interface GetOptions extends CommonOptions {
  readonly fullNames: boolean
  /** A consumer, in a store that has any. */
  readonly as?: string
  /** Shows personal data, in a store without consumers. */
  readonly unmasked: boolean
}

export async function get(serviceName: string, pairs: string[], options: GetOptions): Promise<void> {
  await using store = await openStore(options)
  const service = findService(store.plan, serviceName)
  const body = requestBody(service, pairs, options.fullNames)
  const caller = callerOf(store, service, options)
  await using online = await store.openOnline()
  const views = Object.values(viewsOf(store.plan, [service]))
  await compareOnline(online, views)
  if (online.environment === null) await warnIfAhead(online, views)
  if (options.now !== undefined) await warnIfBehind(online, views)
  const text = await online.ask(body, caller)
  result(options.json ? text : answerTable(text))
}

/** In a store on this machine with consumers one reads as one of them; a deployed one knows who asks. */
function callerOf(
  { plan, environment }: Store,
  service: ServicePlan,
  { as: name, unmasked }: GetOptions,
): Caller {
  const { consumers } = plan
  if (environment !== null) {
    if (name === undefined) {
      if (Object.keys(consumers).length === 0 && !unmasked) refusePii(plan, service, environment)
      return undefined
    }
    throw new StoreError(
      'bad-argument',
      `--as: environment '${environment}' knows you by your credentials; leave --as out`,
    )
  }
  const names = Object.keys(consumers)
  if (name === undefined && names.length === 0) return unmasked ? undefined : TERMINAL
  const consumer = name !== undefined && Object.hasOwn(consumers, name) ? consumers[name] : undefined
  if (consumer !== undefined) return consumer.principals[0]
  const allowed = names.length === 0 ? 'this store has no consumers' : `its consumers are ${names.join(', ')}`
  throw new StoreError('bad-argument', `--as: ${name ?? 'nobody'} is no consumer of this store; ${allowed}`)
}

/** A deployed store without consumers answers everybody with everything. */
function refusePii(plan: Plan, service: ServicePlan, environment: string): void {
  const marked = [...piiFeatures(plan, service)]
  if (marked.length > 0)
    throw new StoreError(
      'bad-argument',
      `service '${service.name}' has features marked pii (${marked.join(', ')}), which '${environment}' shows to every caller, since it has no consumers; add --unmasked to print them`,
    )
}

/** The command line has text only; numbers and booleans are written as JSON writes them. */
const BARE: readonly ValueType[] = ['bool', 'float32', 'float64']
const BARE_FORM = /^(true|false|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/

/** A value as JSON. Whole numbers are read as those of any text, and handed on with all their digits. */
function jsonOf(name: string, value: string, type: ValueType | undefined): string {
  if (type !== 'int32' && type !== 'int64')
    return type !== undefined && BARE.includes(type) && BARE_FORM.test(value) ? value : JSON.stringify(value)
  const whole = wholeNumberOfText(type, value)
  if (whole !== undefined) return whole.toString()
  throw new StoreError('bad-argument', `${name}: '${value}' is no ${type}; write ${wholeNumberForm(type)}`)
}

function requestBody(service: ServicePlan, pairs: readonly string[], fullNames: boolean): string {
  const seen = new Set<string>()
  const columns = pairs.map(pair => {
    const at = pair.indexOf('=')
    if (at < 1)
      throw new StoreError('bad-argument', `'${pair}' is not key=value; write for example origin=JFK`)
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    if (seen.has(name))
      throw new StoreError('bad-argument', `${name} is given twice; ask for one entity at a time`)
    seen.add(name)
    const type = [...service.joinKeys, ...service.request].find(column => column.name === name)?.type
    return `${JSON.stringify(name)}:[${jsonOf(name, value, type)}]`
  })
  return `{"feature_service":${JSON.stringify(service.name)},"full_feature_names":${fullNames},"entities":{${columns.join(',')}}}`
}

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly {
    readonly values: readonly unknown[]
    readonly statuses: readonly string[]
    readonly event_timestamps: readonly string[]
  }[]
}

function answerTable(text: string): string {
  // Our own answer; numbers beyond 2^53 keep their digits by being read as text.
  const answer = JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? context?.source : value,
  ) as Answer
  const lines = answer.metadata.feature_names.map((name, i) => {
    const { values = [], statuses = [], event_timestamps: times = [] } = answer.results[i] ?? {}
    return [name, String(values[0] ?? 'null'), statuses[0] ?? '', times[0] ?? '']
  })
  return table([['feature', 'value', 'status', 'event timestamp'], ...lines])
}

export const registerGet = (define: DefineCommand): void => {
  define('get', 'Read the features of one entity from the online store.')
    .argument('<service>', 'feature service')
    .argument('<key=value...>', 'each join key and its value')
    .option('--as <consumer>', 'read as this consumer: by its grants, with its masks')
    .option('--unmasked', 'show features marked pii, in a store without consumers', false)
    .option('--full-names', 'name every feature view__feature', false)
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(get)
}
