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

describe('the default', () => {
  it('of an entity has an empty description and no pii join keys', () => {
    expect(airport).toEqual({
      kind: 'entity',
      name: 'airport',
      joinKeys: { airport: 'string' },
      pii: [],
      description: '',
    })
  })

  it('of a source option stays undefined, because the compiler sets it', () => {
    expect(source).toEqual({ kind: 'fileSource', name: 'source', path: 'a.parquet', eventTimestamp: 'at' })
    const table = { name: 't', database: 'd', table: 't', eventTimestamp: 'at', local: { folder: 'f' } }
    expect(tableSource(table)).toEqual({ kind: 'tableSource', ...table })
    expect(viewSource({ view: 'view' })).toEqual({ kind: 'viewSource', view: 'view', version: undefined })
  })

  it('of a view is version 1, online, without a schedule and without a ttl', () => {
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

  it('of a pick is no alias, no other join key columns and no new names', () => {
    expect(pick(view, ['temp'])).toEqual({
      kind: 'pick',
      view,
      features: ['temp'],
      alias: 'view',
      joinKeys: {},
      rename: {},
    })
  })

  it('of a service has no spine', () => {
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
  it('keeps all options of a feature', () => {
    const temp = { type: 'float64', description: '°F', pii: true } as const
    expect(featureView({ name: 'view', entities: [airport], source, features: { temp } }).features).toEqual({
      temp,
    })
  })

  it('writes arrays and vectors as text', () => {
    expect([array('int64'), vector(384)]).toEqual(['array<int64>', 'vector<384>'])
  })

  it('leaves out new names that are undefined', () => {
    const options: { joinKeys: { airport?: string } } = JSON.parse('{"joinKeys":{}}')
    expect(pick(view, ['temp'], { joinKeys: { ...options.joinKeys, airport: 'origin' } }).joinKeys).toEqual({
      airport: 'origin',
    })
  })
})
