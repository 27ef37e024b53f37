import { describe, expect, it } from '@jest/globals'
import {
  array,
  entity,
  featureService,
  featureView,
  fileSource,
  pick,
  tableSource,
  vector,
  viewSource,
} from 'quern'

const airport = entity({ name: 'airport', joinKeys: { airport: 'string' } })
const source = fileSource({ name: 'source', path: 'a.parquet', eventTimestamp: 'at' })
const view = featureView({ name: 'view', entities: [airport], source, features: { temp: 'float64' } })

describe('what is left out', () => {
  it('of an entity is its description, and that no join key is marked pii', () => {
    expect(airport).toEqual({
      kind: 'entity',
      name: 'airport',
      joinKeys: { airport: 'string' },
      pii: [],
      description: '',
    })
  })

  it('of a source stays out: the compiler fills it in', () => {
    expect(source).toEqual({ kind: 'fileSource', name: 'source', path: 'a.parquet', eventTimestamp: 'at' })
    const table = { name: 't', database: 'd', table: 't', eventTimestamp: 'at', local: { folder: 'f' } }
    expect(tableSource(table)).toEqual({ kind: 'tableSource', ...table })
    expect(viewSource({ view: 'view' })).toEqual({ kind: 'viewSource', view: 'view', version: undefined })
  })

  it('of a view is version 1, served online, on request only, good for ever', () => {
    expect(view).toEqual({
      kind: 'featureView',
      name: 'view',
      version: 1,
      entities: [airport],
      source,
      transformation: undefined,
      eventTimestamp: undefined,
      createdTimestamp: undefined,
      features: { temp: { type: 'float64' } },
      ttl: undefined,
      maxStaleness: undefined,
      online: true,
      schedule: undefined,
      freshness: undefined,
      monthlyCost: undefined,
      owner: '',
      approvers: [],
      description: '',
      tags: {},
    })
  })

  it('of a pick is another alias, other columns and new names', () => {
    expect(pick(view, ['temp'])).toEqual({
      kind: 'pick',
      view,
      features: ['temp'],
      alias: 'view',
      joinKeys: {},
      rename: {},
    })
  })

  it('of a service is its spine', () => {
    expect(featureService({ name: 'service', features: [view] })).toEqual({
      kind: 'featureService',
      name: 'service',
      features: [view],
      spine: undefined,
      latency: undefined,
      monthlyCost: undefined,
      owner: '',
      approvers: [],
      description: '',
      tags: {},
    })
  })
})

describe('a definition', () => {
  it('says of a feature all that was said', () => {
    const temp = { type: 'float64', description: '°F', pii: true } as const
    expect(featureView({ name: 'view', entities: [airport], source, features: { temp } }).features).toEqual({
      temp,
    })
  })

  it('writes lists and vectors as text', () => {
    expect([array('int64'), vector(384)]).toEqual(['array<int64>', 'vector<384>'])
  })

  it('leaves out new names that are none', () => {
    const options: { joinKeys: { airport?: string } } = JSON.parse('{"joinKeys":{}}')
    expect(pick(view, ['temp'], { joinKeys: { ...options.joinKeys, airport: 'origin' } }).joinKeys).toEqual({
      airport: 'origin',
    })
  })
})
