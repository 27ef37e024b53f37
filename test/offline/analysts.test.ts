/**
 * The views and queries for analysts of the example store equal the reviewed ones. test/conformance/analysts.test.ts
 * runs them.
 */
import { describe, expect, it } from '@jest/globals'
import { compile } from '../../lib/compiler/compile.ts'
import { analystViews, newestVersions } from '../../lib/offline/analysts/analyst-views.ts'
import { namedQueries } from '../../lib/offline/analysts/named-queries.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { all, weather } from '../compiler/example.ts'
import { definitions, golden } from '../golden/golden.ts'

const plan = compile(definitions)

describe('the views for analysts', () => {
  it('of route_day equal the reviewed ones', () => {
    const made = analystViews(viewOf(plan, 'route_day@1'), 'store')
    golden('route_day.views.sql', made.map(({ name, sql }) => `-- ${name}\n${sql}\n`).join('\n'))
  })

  it('read the newest version of each view', () => {
    const versions = compile([...all, { ...weather, version: 10 }, { ...weather, version: 9 }])
    expect(newestVersions(versions).map(view => view.key)).toEqual([
      'route_delay@1',
      'weather@10',
      'weather_mean@1',
    ])
  })
})

describe('the saved queries', () => {
  const queries = namedQueries(plan)

  it('of route_day, and the one over all views, equal the reviewed ones', () => {
    const made = queries.filter(({ name }) => /^(freshness|route_day: .*)$/.test(name))
    const text = made.map(({ name, description, sql }) => `-- ${name}: ${description}\n${sql}\n`)
    golden('saved-queries.sql', text.join('\n'))
  })

  it('have unique names within the limits of AWS::Athena::NamedQuery', () => {
    expect(new Set(queries.map(({ name }) => name)).size).toBe(queries.length)
    for (const { name, description, sql } of queries) {
      expect(name.length).toBeLessThanOrEqual(128)
      expect(description.length).toBeLessThanOrEqual(1_024)
      expect(sql.length).toBeLessThanOrEqual(262_144)
    }
  })

  it('are none for a plan without views', () => {
    expect(namedQueries(compile([]))).toEqual([])
  })
})
