import { describe, expect, it } from '@jest/globals'
import { entity, featureView } from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { adHocService } from '../../lib/plan/ad-hoc-service.ts'
import { featuresOf, type Plan } from '../../lib/plan/plan.ts'
import { airport, all, flown, route, weather } from '../compiler/example.ts'

const numbered = entity({ name: 'numbered', joinKeys: { airport: 'int64' } })
const plan = compile([
  ...all,
  { ...weather, version: 2, features: { temp: { type: 'float64' } } },
  featureView({ name: 'by_number', entities: [numbered], source: flown, features: { size: 'int32' } }),
  featureView({
    name: 'hub',
    entities: [airport],
    source: flown,
    features: { dest: 'string', temp: 'int32' },
  }),
  featureView({ name: 'far', entities: [route], source: flown, features: { miles: 'int32' } }),
])

function serviceOf(references: readonly string[], of: Plan = plan) {
  const service = adHocService(of, references)
  if ('unknown' in service) throw new Error(`unknown: ${service.unknown}`)
  return service
}
const columns = (...references: readonly string[]) =>
  featuresOf(serviceOf(references)).map(({ name }) => name)

describe('a service of references', () => {
  it('has no name, and needs the join keys of its views', () => {
    const service = serviceOf(['route_delay:flights', 'weather:temp'])
    expect(service).toMatchObject({ name: '', spine: null, owner: '', description: '', tags: {} })
    expect(service.joinKeys).toEqual(['airport', 'dest', 'origin'].map(name => ({ name, type: 'string' })))
  })

  it('uses the newest version, or the named one', () => {
    expect(serviceOf(['weather:temp', 'weather@1:notes', 'hub:temp']).uses.map(use => use.view)).toEqual([
      'weather@2',
      'weather@1',
      'hub@1',
    ])
  })

  it('shares a view reference between consecutive references, and adds one for a later reference', () => {
    const service = serviceOf([
      'route_delay:flights',
      'route_delay:embedding',
      'weather:temp',
      'route_delay:flights',
    ])
    expect(service.uses.map(use => [use.alias, use.features.map(({ feature }) => feature)])).toEqual([
      ['route_delay', ['flights', 'embedding']],
      ['weather', ['temp']],
      ['route_delay', ['flights']],
    ])
  })

  it('has the features in the order of the references', () => {
    const references = [
      'far:miles',
      'route_delay:flights',
      'far:miles',
      'weather@1:notes',
      'route_delay:embedding',
    ]
    const taken = serviceOf(references).uses.flatMap(use =>
      use.features.map(({ feature }) => [use.view, feature]),
    )
    expect(taken.map(([view, feature]) => `${view}:${feature}`)).toEqual([
      'far@1:miles',
      'route_delay@1:flights',
      'far@1:miles',
      'weather@1:notes',
      'route_delay@1:embedding',
    ])
  })

  it('names columns as a compiled service does', () => {
    expect(columns('weather:temp', 'far:miles')).toEqual(['temp', 'miles'])
    expect(columns('weather:temp', 'hub:temp', 'far:miles')).toEqual(['weather__temp', 'hub__temp', 'miles'])
  })

  it('uses the full name of a feature that has the name of a join key', () => {
    expect(columns('hub:dest')).toEqual(['dest'])
    expect(columns('hub:dest', 'far:miles')).toEqual(['hub__dest', 'miles'])
  })

  it('gives a repeated reference the same column', () => {
    expect(columns('weather:temp', 'weather:temp')).toEqual(['temp', 'temp'])
  })

  it('distinguishes two versions of a view', () => {
    expect(columns('weather@1:temp', 'weather@2:temp')).toEqual(['weather@1__temp', 'weather@2__temp'])
  })

  it('is empty for no references', () => {
    expect(serviceOf([])).toMatchObject({ joinKeys: [], uses: [] })
  })
})

describe('an unknown reference', () => {
  const everyNewest = expect.arrayContaining(['weather:temp', 'hub:dest', 'far:miles', 'by_number:size'])

  it.each([
    ['a feature that the view does not have', 'hub:humid', ['hub:dest', 'hub:temp']],
    ['a feature that an older version has', 'weather:notes', ['weather:temp']],
    [
      'a feature that a named version does not have',
      'weather@1:humid',
      ['weather@1:notes', 'weather@1:temp'],
    ],
    ['an unknown view', 'wether:temp', everyNewest],
    ['an unknown version', 'weather@3:temp', everyNewest],
    ['a text without colon', 'weather', everyNewest],
    ['a text with two colons', 'weather:temp:temp', everyNewest],
    ['an empty text', '', everyNewest],
    ['a property of Object.prototype', 'toString:constructor', everyNewest],
  ])('is returned with the valid references: %s', (_what, unknown, allowed) => {
    expect(adHocService(plan, ['far:miles', unknown])).toEqual({ unknown, allowed })
  })

  it('is reported if its view gives a join key another type than an earlier view', () => {
    const answer = adHocService(plan, ['weather:temp', 'by_number:size'])
    expect(answer).toMatchObject({ unknown: 'by_number:size', allowed: expect.arrayContaining(['hub:dest']) })
    expect(answer).not.toMatchObject({ allowed: expect.arrayContaining(['by_number:size']) })
  })
})
