/**
 * Generates stores with consumers, and their requests: granted, not granted, or almost granted. The same seed gives
 * the same case.
 */
import { compile } from '../../lib/compiler/compile.ts'
import {
  consumer,
  entity,
  type FeatureView,
  featureService,
  featureView,
  fileSource,
  type Grantable,
  pick,
  unmasked,
} from '../../lib/definition/index.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import type { NaiveConsumer, NaiveGrant, Reference, TableRequest } from './naive-access.ts'
import type { Random } from './random.ts'

export const TABLE = 'arn:aws:dynamodb:eu-central-1:123456789012:table/online'

export interface AccessCase {
  readonly plan: Plan
  readonly consumers: readonly NaiveConsumer[]
  readonly pii: ReadonlySet<Reference>
  readonly references: readonly Reference[]
  /** References that one consumer requests together. */
  readonly questions: readonly {
    readonly consumer: NaiveConsumer
    readonly references: readonly Reference[]
  }[]
  readonly requests: readonly { readonly consumer: NaiveConsumer; readonly request: TableRequest }[]
}

/** At least one of the items, in random order. */
const some = <T>(random: Random, things: readonly T[]): readonly T[] =>
  random.shuffle(things).slice(0, 1 + random.below(things.length))

const thing = entity({ name: 'thing', joinKeys: { thing: 'string' } })
/** Views with the same name read the same source. If one of them marks PII, the others inherit it. */
const SOURCES = ['a', 'ab', 'a_1'].map(name =>
  fileSource({ name, path: `${name}.parquet`, eventTimestamp: 'at' }),
)

/** Names and versions with common prefixes, so that an imprecise pattern matches the wrong view. */
const VIEWS = [
  ['a', 1],
  ['a', 10],
  ['a', 11],
  ['ab', 1],
  ['a_1', 1],
] as const
const FEATURES = ['f', 'ff', 'f_1', 'g', 'pkk']

function anyView(random: Random, [name, version]: (typeof VIEWS)[number]): FeatureView {
  const features = some(random, FEATURES).map(feature => {
    const pii = random.chance(0.4)
    const mask = random.pick(['null', 'hash', 'last-four', undefined] as const)
    return [feature, { type: 'string', pii, ...(pii && mask !== undefined ? { mask } : {}) }] as const
  })
  const source = SOURCES.find(one => one.name === name)
  if (source === undefined) throw new RangeError(`view ${name} has no source`)
  return featureView({ name, version, entities: [thing], source, features: Object.fromEntries(features) })
}

const keyOf = ({ name, version }: FeatureView) => `${name}@${version}`
const referencesOf = (view: FeatureView, features = Object.keys(view.features)): readonly Reference[] =>
  features.map(feature => `${keyOf(view)}:${feature}`)

/** A part of a view, and the same for the oracle. */
function anyPart(
  random: Random,
  view: FeatureView,
): readonly [FeatureView | ReturnType<typeof pick>, readonly Reference[]] {
  if (random.chance(0.4)) return [view, referencesOf(view)]
  const features = some(random, Object.keys(view.features))
  return [pick(view, features), referencesOf(view, [...features])]
}

function anyGrantable(
  random: Random,
  views: readonly FeatureView[],
  i: number,
): readonly [Grantable, readonly Reference[]] {
  if (random.chance(0.6)) return anyPart(random, random.pick(views))
  const parts = some(random, views).map(view => {
    const [, references] = anyPart(random, view)
    const features = references.map(reference => reference.slice(reference.indexOf(':') + 1))
    return [pick(view, features, { alias: `${view.name}_v${view.version}` }), references] as const
  })
  const features = parts.map(([part]) => part)
  return [featureService({ name: `service_${i}`, features }), parts.flatMap(([, references]) => references)]
}

/** The grants of a consumer, as a definition and for the oracle. */
function anyConsumer(random: Random, views: readonly FeatureView[], i: number) {
  const name = `consumer_${i}`
  const principal = `arn:aws:iam::123456789012:role/team/${name}`
  const granted = random.times(1 + random.below(4), n => {
    const [what, references] = anyGrantable(random, views, i * 10 + n)
    const grant: NaiveGrant = { references, unmasked: random.chance(0.3) }
    return { grant, defined: grant.unmasked ? unmasked(what) : what }
  })
  const grants = granted.map(({ defined }) => defined)
  const naive: NaiveConsumer = { name, principal, grants: granted.map(({ grant }) => grant) }
  return { defined: consumer({ name, principals: [principal], grants }), naive }
}

/** Mostly granted references. A reference without any grant only tests the simplest refusal. */
const anyReferences = (
  random: Random,
  { grants }: NaiveConsumer,
  all: readonly Reference[],
): readonly Reference[] => some(random, random.chance(0.7) ? random.pick(grants).references : all).slice(0, 4)

const ACTIONS = ['GetItem', 'GetItem', 'BatchGetItem', 'BatchGetItem', 'Query', 'Query', 'Scan']
const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']
const SHARED = ['pk', 'sk', 'event_timestamp', 'created_timestamp', 'expires_at', 'row_order']

/** A direct request to DynamoDB: almost as granted, and sometimes wrong in one way. */
function anyRequest(
  random: Random,
  references: readonly Reference[],
  all: readonly Reference[],
): TableRequest {
  const action = random.chance(0.1) ? random.pick(WRITES) : random.pick(ACTIONS)
  const [[view = ''] = []] = references.map(reference => reference.split(':'))
  const other = random.pick(all).split(':')[0]
  const views = action === 'BatchGetItem' && random.chance(0.3) ? [view, other] : [view]
  const named = references
    .filter(reference => reference.startsWith(`${view}:`) || random.chance(0.2))
    .map(reference => reference.split(':')[1] ?? '')
  const shared = some(random, SHARED).filter(name => name !== 'row_order' || random.chance(0.1))
  const projected = random.chance(0.85)
  // A filter also names attributes, and the request returns whole items.
  const filtered = action === 'Query' && !projected && random.chance(0.5)
  // DynamoDB may not send Select for GetItem and BatchGetItem. The policy must work with and without it.
  const selects = action === 'Query' || action === 'Scan' || random.chance(0.5)
  const select = projected ? 'SPECIFIC_ATTRIBUTES' : random.pick(['ALL_ATTRIBUTES', 'COUNT'])
  return {
    action,
    table: random.chance(0.05) ? `${TABLE}-other` : TABLE,
    ...(action === 'Scan' ? {} : { keys: views.map(one => `${one}|${random.pick(['x', 'a@1|', '*'])}`) }),
    ...(projected || filtered ? { attributes: [...new Set([...named, ...shared])] } : {}),
    ...(selects ? { select } : {}),
  }
}

export function accessCase(random: Random): AccessCase {
  const views = some(random, VIEWS).map(view => anyView(random, view))
  const made = random.times(1 + random.below(3), i => anyConsumer(random, views, i))
  const references = views.flatMap(view => referencesOf(view))
  const consumers = made.map(({ naive }) => naive)
  return {
    plan: compile([...views, ...made.map(({ defined }) => defined)]),
    consumers,
    pii: new Set(
      views.flatMap(view =>
        referencesOf(view).filter((_, i) =>
          views.some(
            other =>
              other.name === view.name && other.features[Object.keys(view.features)[i] ?? '']?.pii === true,
          ),
        ),
      ),
    ),
    references,
    questions: random.times(8, () => {
      const asking = random.pick(consumers)
      return { consumer: asking, references: anyReferences(random, asking, references) }
    }),
    requests: random.times(8, () => {
      const asking = random.pick(consumers)
      return {
        consumer: asking,
        request: anyRequest(random, anyReferences(random, asking, references), references),
      }
    }),
  }
}
