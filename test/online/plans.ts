/** A small plan, written by hand: a view in two roles, other views, and everything that a request can get wrong. */
import type { Column, Plan, ServicePlan, ViewPlan, ViewRef } from '../../lib/plan/plan.ts'

export const view = (
  props: Pick<ViewPlan, 'name' | 'joinKeys' | 'ttlMs'> & Partial<ViewPlan> & { of: Column[] },
): ViewPlan => {
  const { of, ...more } = props
  return {
    key: `${props.name}@1`,
    version: 1,
    entities: [],
    piiKeys: [],
    features: of.map(column => ({ ...column, description: '', pii: false, mask: null, cleared: null })),
    origin: { kind: 'source', source: 'source' },
    transformation: null,
    aggregates: null,
    maxStalenessMs: null,
    eventTimestamp: 'event_timestamp',
    createdTimestamp: null,
    online: true,
    schedule: null,
    freshnessMs: null,
    monthlyCost: null,
    owner: '',
    approvers: [],
    description: '',
    tags: {},
    deprecated: null,
    meaning: '',
    ...more,
  }
}

/** A reference to all features of a view; `from` renames join keys to columns of the request. */
export const use = (of: ViewPlan, alias: string, from: Readonly<Record<string, string>> = {}): ViewRef => ({
  view: of.key,
  alias,
  joinKeys: of.joinKeys.map(key => ({ ...key, from: from[key.name] ?? key.name })),
  features: of.features.map(({ name, type }) => ({
    name: alias === of.name ? name : `${alias}__${name}`,
    fullName: `${alias}__${name}`,
    feature: name,
    type,
  })),
})

export const service = (name: string, uses: readonly ViewRef[]): ServicePlan => {
  const columns = new Map(uses.flatMap(one => one.joinKeys.map(({ from, type }) => [from, type] as const)))
  const joinKeys = [...columns].map(([column, type]) => ({ name: column, type }))
  joinKeys.sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    name,
    joinKeys,
    request: [],
    uses,
    inputs: [],
    derived: [],
    spine: null,
    latencyMs: null,
    monthlyCost: null,
    owner: '',
    approvers: [],
    description: '',
    tags: {},
  }
}

export const planOf = (views: readonly ViewPlan[], services: readonly ServicePlan[]): Plan => ({
  format: 1,
  hash: 'f00d',
  entities: {},
  sources: {},
  views: Object.fromEntries(views.map(one => [one.key, one])),
  services: Object.fromEntries(services.map(one => [one.name, one])),
  consumers: {},
})

export const weather = view({
  name: 'weather',
  joinKeys: [{ name: 'airport', type: 'string' }],
  ttlMs: 3_600_000,
  of: [
    { name: 'humid', type: 'int64' },
    { name: 'temp', type: 'float64' },
  ],
})

export const route = view({
  name: 'route',
  joinKeys: [
    { name: 'dest', type: 'string' },
    { name: 'number', type: 'int64' },
    { name: 'origin', type: 'string' },
  ],
  ttlMs: null,
  of: [{ name: 'late', type: 'bool' }],
})

export const secret = view({
  name: 'secret',
  joinKeys: [{ name: 'airport', type: 'string' }],
  ttlMs: null,
  online: false,
  of: [{ name: 'code', type: 'string' }],
})

export const plan = planOf(
  [weather, route, secret],
  [
    service('delay', [
      use(weather, 'from', { airport: 'origin' }),
      use(weather, 'to', { airport: 'dest' }),
      use(route, 'route'),
    ]),
    service('now', [use(weather, 'weather')]),
    service('hidden', [use(secret, 'secret')]),
  ],
)
