/** Cases in which a DAX cluster would violate a grant or a staleness. */
import { describe, expect, it } from '@jest/globals'
import {
  consumer,
  type Duration,
  entity,
  featureView,
  fileSource,
  minutes,
  pick,
  seconds,
  unmasked,
} from 'quern'
import { compile } from '../../../lib/compiler/compile.ts'
import { diagnosticText as sentence } from '../../../lib/compiler/diagnostics/diagnostics.ts'
import { checkDax } from '../../../lib/compiler/environment/check-dax.ts'
import { daxStatement } from '../../../lib/online/access/dax-statement.ts'

const person = entity({ name: 'person', joinKeys: { person: 'string' } })
const source = fileSource({ name: 'people', path: 'people.parquet', eventTimestamp: 'at' })
const view = (name: string, maxStaleness?: Duration, online = true) =>
  featureView({
    name,
    entities: [person],
    source,
    online,
    features: { visits: 'int64', email: { type: 'string', pii: true } },
    ...(maxStaleness === undefined ? {} : { maxStaleness }),
  })

const lagging = view('lagging', minutes(10))
const brisk = view('brisk', seconds(5))
const fresh = view('fresh')
const reader = (name: string, ...grants: NonNullable<Parameters<typeof consumer>[0]['grants']>) =>
  consumer({ name, principals: [`arn:aws:iam::123456789012:role/${name}`], grants })

const SETTINGS = { environment: 'prod', itemTtlMs: 300_000 }
const said = (...definitions: readonly unknown[]) =>
  checkDax(compile(definitions), SETTINGS).map(mistake => sentence(mistake))

describe('a DAX cluster', () => {
  it.each([
    ['open to all, beside views that are read from the table', [lagging, brisk, fresh]],
    ['granted whole and unmasked to every consumer', [lagging, reader('a', unmasked(lagging))]],
    [
      'granted so, beside less of views that are read from the table',
      [lagging, brisk, reader('a', unmasked(lagging), pick(brisk, ['visits']))],
    ],
  ])('may serve a view whose maxStaleness covers the item TTL: %s', (_name, definitions) => {
    expect(said(...definitions)).toStrictEqual([])
  })

  it.each([
    ['of equal length', minutes(5), []],
    ['one millisecond shorter', { ms: 299_999, text: '299999ms' }, ['dax-unused']],
  ])('needs a view whose maxStaleness covers the item TTL: %s', (_name, maxStaleness, codes) => {
    const mistakes = checkDax(compile([view('v', maxStaleness)]), SETTINGS)
    expect(mistakes.map(({ code }) => code)).toStrictEqual(codes)
  })

  it('is refused if no view can use it, with the largest maxStaleness of all views', () => {
    expect(said(brisk, fresh, view('offline', minutes(10), false))).toStrictEqual([
      'environment prod › dax: 300000 ms is how long a DAX cluster keeps an item, longer than any view may lag behind the table [dax-unused]; allowed: up to 5000 ms, by view brisk@1; shorten the item TTL, give views that need not be fresh a maxStaleness, or leave DAX out',
    ])
    expect(said(fresh)).toStrictEqual([
      expect.stringContaining('allowed: none: no online view has a maxStaleness;'),
    ])
  })

  it.each([
    ['masked', reader('a', lagging), 'consumer a, who may not see email,'],
    ['in part', reader('a', pick(lagging, ['visits'])), 'consumer a, who may not see email,'],
    ['not at all', reader('a', fresh), 'consumer a, who may not see email, visits,'],
  ])('is refused if a consumer has a grant of its view %s', (_name, one, got) => {
    const mistakes = checkDax(compile([lagging, fresh, reader('all', unmasked(lagging)), one]), SETTINGS)
    expect(mistakes).toStrictEqual([
      expect.objectContaining({
        code: 'dax-shows-more',
        path: 'environment prod › dax › view lagging@1',
        got,
      }),
    ])
  })

  it('has a role that reads only the items of its views', () => {
    const plan = compile([lagging, brisk, fresh])
    expect(daxStatement(plan, SETTINGS.itemTtlMs, 'arn:of:table')).toStrictEqual({
      Effect: 'Allow',
      Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
      Resource: 'arn:of:table',
      Condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['lagging@1|*'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    })
  })
})
