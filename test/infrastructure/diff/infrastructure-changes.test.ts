/** What a deploy does to resources, in words: on the templates of the example's production store, as committed. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { infrastructureChanges } from '../../../lib/infrastructure/diff/infrastructure-changes.ts'
import { infrastructureTexts, lossTexts } from '../../../lib/infrastructure/diff/infrastructure-text.ts'
import type { StoreTemplates, TemplateResource } from '../../../lib/infrastructure/diff/synthesized-store.ts'

const PARTS = ['offline', 'online', 'materialization', 'push', 'serving', 'monitoring']

const resourcesOf = (part: string): StoreTemplates[string] =>
  JSON.parse(readFileSync(new URL(`../../golden/templates/${part}.json`, import.meta.url), 'utf8')).Resources

const STORE: StoreTemplates = Object.fromEntries(PARTS.map(part => [part, resourcesOf(part)]))

/** The store with one resource as the function makes it; without it, if that is undefined. */
function altered(
  part: string,
  id: string,
  make: (resource: TemplateResource) => TemplateResource | undefined,
): StoreTemplates {
  const { [id]: resource, ...others } = STORE[part] ?? {}
  if (resource === undefined) throw new Error(`${part} has no ${id}`)
  const made = make(resource)
  return { ...STORE, [part]: made === undefined ? others : { ...others, [id]: made } }
}

const withProperties = (properties: object) => (resource: TemplateResource) => ({
  ...resource,
  Properties: { ...resource.Properties, ...properties },
})

const texts = (is: StoreTemplates) => infrastructureTexts(infrastructureChanges(STORE, is), PARTS)
const losses = (is: StoreTemplates) => lossTexts(infrastructureChanges(STORE, is))

/** Pinned by logical-ids.test.ts, each with a property that only another resource can have. */
const STATEFUL: readonly (readonly [part: string, id: string, properties: object])[] = [
  ['offline', 'Key', {}],
  ['offline', 'Bucket', { BucketName: 'another' }],
  ['offline', 'LogBucket', { BucketName: 'another' }],
  ['offline', 'Database', { CatalogId: '123456789012' }],
  ['online', 'Table', { TableName: 'another' }],
  ['online', 'MaskSecret', { Name: 'another' }],
  ['online', 'PushStream', { Name: 'another' }],
]

describe('a deploy', () => {
  it('of the same does nothing', () => {
    expect(texts(STORE)).toEqual(PARTS.map(part => `${part}: nothing`))
  })

  it('of other code and another plan does nothing that is told', () => {
    const json = JSON.stringify(STORE)
    const hashed = (hash: string): StoreTemplates =>
      JSON.parse(json.replaceAll('<asset>', hash).replaceAll('<plan>', hash))
    expect(infrastructureChanges(hashed('a'.repeat(64)), hashed('b'.repeat(64)))).toEqual([])
  })

  it.each(STATEFUL)('that drops %s › %s is a loss', (part, id) => {
    expect(losses(altered(part, id, () => undefined))).toEqual([
      expect.stringMatching(new RegExp(`^${part}: ${id} \\(.+\\) holds data and would leave the store$`)),
    ])
  })

  // Of a key CloudFormation says of no property that it replaces it.
  it.each(STATEFUL.slice(1))('that must replace %s › %s is a loss', (part, id, properties) => {
    expect(losses(altered(part, id, withProperties(properties)))).toEqual([
      expect.stringContaining(`would be replaced by an empty one (${Object.keys(properties).join(', ')})`),
    ])
  })

  it('that changes what holds data in its place is none', () => {
    const is = altered('online', 'Table', withProperties({ BillingMode: 'PROVISIONED' }))
    expect(losses(is)).toEqual([])
    expect(texts(is)).toContain('online: 1 × DynamoDB GlobalTable changed (BillingMode)')
  })

  it('that replaces what holds none is none', () => {
    const [id = ''] = Object.entries(STORE['serving'] ?? {}).flatMap(([name, { Type }]) =>
      Type === 'AWS::IAM::Role' ? [name] : [],
    )
    const is = altered('serving', id, withProperties({ RoleName: 'another' }))
    expect(losses(is)).toEqual([])
    expect(texts(is)).toContain('serving: 1 × IAM Role replaced (RoleName)')
  })

  it('that no longer keeps what it held says so', () => {
    const is = altered('online', 'Table', table => ({ ...table, DeletionPolicy: 'Delete' }))
    expect(texts(is)).toContain('online: 1 × DynamoDB GlobalTable changed (DeletionPolicy)')
  })

  it('tells for whom alarms are, and counts like ones', () => {
    const own = Object.entries(STORE['monitoring'] ?? {}).filter(([, { Properties = {} }]) =>
      JSON.stringify(Properties['Tags'] ?? '').includes('route_day@1'),
    )
    const others = Object.entries(STORE['monitoring'] ?? {}).filter(
      ([id]) => !own.some(([one]) => one === id),
    )
    const is = { ...STORE, monitoring: Object.fromEntries(others) }
    expect(own.length).toBeGreaterThan(1)
    expect(texts(is)).toContain(`monitoring: ${own.length} × CloudWatch Alarm fewer, for view route_day@1`)
    expect(infrastructureTexts(infrastructureChanges(is, STORE), PARTS)).toContain(
      `monitoring: ${own.length} × CloudWatch Alarm more, for view route_day@1`,
    )
  })

  it('where nothing is deployed makes everything, and loses nothing', () => {
    const changes = infrastructureChanges(null, STORE)
    expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['added']))
    expect(changes).toHaveLength(PARTS.flatMap(part => Object.keys(STORE[part] ?? {})).length)
    expect(lossTexts(changes)).toEqual([])
  })

  it('without a part of the store tells of that too', () => {
    const { online: _online, ...rest } = STORE
    expect(lossTexts(infrastructureChanges(STORE, rest))).toHaveLength(3)
    expect(texts(rest)[1]).toMatch(/^online: 1 × .* fewer; /)
  })
})
