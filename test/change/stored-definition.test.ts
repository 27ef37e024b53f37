/** Compares the definition of stored rows with the definition after an edit. */
import { describe, expect, it } from '@jest/globals'
import {
  compareDefinitions,
  type DefinitionComparison,
  definitionText,
  storedDefinition,
} from '../../lib/change/stored-definition.ts'
import { compile } from '../../lib/compiler/compile.ts'
import {
  aggregateView,
  count,
  days,
  entity,
  featureView,
  fileSource,
  hours,
  type Source,
  streamSource,
  sum,
  tableSource,
  viewSource,
} from '../../lib/definition/index.ts'
import { viewOf } from '../../lib/plan/plan.ts'

type Of<F extends (...args: never[]) => unknown> = Partial<Parameters<F>[0]>

const user = entity({ name: 'user', joinKeys: { id: 'string' } })
const file = (more: object = {}) =>
  fileSource({
    name: 'rows',
    path: 'rows.parquet',
    eventTimestamp: 'ts',
    columns: { id: 'string', ts: 'timestamp', a: 'int32', b: 'int32' },
    ...more,
  })
const view = (more: object = {}, source: Source = file()) =>
  featureView({
    name: 'v',
    entities: [user],
    source,
    transformation: 'select id, ts, a from source',
    features: { a: 'int32' },
    ...more,
  })
const above = (more: Of<typeof featureView> = {}) =>
  featureView({
    name: 'above',
    entities: [user],
    source: viewSource({ view: 'v', version: 1 }),
    features: { a: 'int32' },
    ...more,
  })
const clicks = (more: object = {}) =>
  streamSource({
    name: 'clicks',
    eventTimestamp: 'at',
    schema: { id: 'string', n: 'int32', price: 'int32' },
    eventId: ['n'],
    ...more,
  })
const windows = (more: object = {}, source = clicks()) =>
  aggregateView({
    name: 'v',
    entities: [user],
    source,
    aggregations: [count({ as: 'clicks' }), sum('price')],
    windows: [hours(1)],
    ...more,
  })
const ofEvents = (more: object = {}, source = clicks()) =>
  featureView({ name: 'v', entities: [user], source, features: { n: 'int32' }, ...more })
const table = (local: object) =>
  tableSource({
    name: 'rows',
    database: 'raw',
    table: 'rows',
    eventTimestamp: 'ts',
    local,
  } as Parameters<typeof tableSource>[0])

function textOf(definitions: readonly unknown[], key = 'v@1', isLocal = true): string {
  const plan = compile(definitions)
  return definitionText(storedDefinition(plan, viewOf(plan, key), isLocal))
}

const compared = (before: unknown, after: unknown): DefinitionComparison =>
  compareDefinitions(textOf([before]), textOf([after]))

const grown = { transformation: 'select id, ts, a, b from source', features: { a: 'int32', b: 'int32' } }

describe('compareDefinitions', () => {
  it.each([
    [
      'a renamed feature',
      view(),
      view({ transformation: 'select id, ts, a as x from source', features: { x: 'int32' } }),
    ],
    ['a removed feature', view(grown), view()],
    ['a feature of another type', view(), view({ features: { a: 'int64' } })],
    ['another SELECT', view(), view({ transformation: 'select id, ts, a + 1 as a from source' })],
    [
      'a new feature from the middle of a SELECT',
      view(),
      view({ ...grown, transformation: 'select id, b, ts, a from source' }),
    ],
    ['another path', view(), view({}, file({ path: 'others.parquet' }))],
    ['another format', view(), view({}, file({ path: 'rows.csv', format: 'csv' }))],
    ['another event timestamp', view(), view({}, file({ eventTimestamp: 'other' }))],
    ['a created timestamp', view(), view({}, file({ createdTimestamp: 'known' }))],
    [
      'another type of a column that it reads',
      view(),
      view({}, file({ columns: { id: 'string', ts: 'timestamp', a: 'int64', b: 'int32' } })),
    ],
    ['another window', windows(), windows({ windows: [hours(2)] })],
    ['one more window', windows(), windows({ windows: [hours(1), days(1)] })],
    ['another aggregation', windows(), windows({ aggregations: [count({ as: 'clicks' })] })],
    ['another event id', windows(), windows({}, clicks({ eventId: ['n', 'price'] }))],
    [
      'another schema of a stream',
      windows(),
      windows({}, clicks({ schema: { id: 'string', n: 'int32', price: 'int64' } })),
    ],
    ['another stream of the same schema', windows(), windows({}, clicks({ name: 'taps' }))],
    [
      'a new feature of a stream’s events, which are not ingested again',
      ofEvents(),
      ofEvents({ features: { n: 'int32', price: 'int32' } }),
    ],
    [
      'another local query for a table',
      view({}, table({ query: 'select 1' })),
      view({}, table({ query: 'select 2' })),
    ],
    [
      'a removed column, with a SELECT of all columns',
      view({ transformation: 'select distinct * from source' }),
      view(
        { transformation: 'select distinct * from source' },
        file({ columns: { id: 'string', ts: 'timestamp', a: 'int32' } }),
      ),
    ],
  ])('returns different for %s', (_, before, after) => {
    expect(compared(before, after).is).toBe('different')
  })

  it.each([
    ['a new feature', view(), view(grown), ['feature b is new']],
    [
      'an added column that it does not read',
      view(),
      view({}, file({ columns: { id: 'string', ts: 'timestamp', a: 'int32', b: 'int32', c: 'int32' } })),
      ['its source declares other columns'],
    ],
    [
      'a removed column that it does not read',
      view(),
      view({}, file({ columns: { id: 'string', ts: 'timestamp', a: 'int32' } })),
      ['its source declares other columns'],
    ],
    [
      'another type of a column that it does not read',
      view(),
      view({}, file({ columns: { id: 'string', ts: 'timestamp', a: 'int32', b: 'string' } })),
      ['its source declares other columns'],
    ],
  ])('returns extended for %s', (_, before, after, what) => {
    expect(compared(before, after)).toEqual({ is: 'extended', what })
  })

  it.each([
    ['ttl, owner and description', view(), view({ ttl: hours(1), owner: 'ann', description: 'x' })],
    ['a stream’s tolerance', windows(), windows({}, clicks({ tolerance: hours(1) }))],
    ['a source’s name', view(), view({}, file({ name: 'renamed' }))],
  ])('returns equal for another %s', (_, before, after) => {
    expect(compared(before, after)).toEqual({ is: 'equal' })
  })

  it('follows the definition of the view below', () => {
    const of = (below: unknown): string => textOf([below, above()], 'above@1')
    expect(compareDefinitions(of(view()), of(view()))).toEqual({ is: 'equal' })
    expect(compareDefinitions(of(view()), of(view(grown)))).toMatchObject({ is: 'extended' })
    const other = view({ transformation: 'select id, ts, b as a from source' })
    expect(compareDefinitions(of(view()), of(other))).toEqual({
      is: 'different',
      what: ['its source is another'],
    })
  })

  it('ignores the local replacement of a table in the cloud', () => {
    const of = (query: string): string => textOf([view({}, table({ query }))], 'v@1', false)
    expect(of('select 1')).toBe(of('select 2'))
  })
})
