/**
 * Saved queries for the Athena console, generated from the plan. They read the views for analysts (analyst-views.ts),
 * or the tables of the exact versions that a service uses. Each runs as it is, and a comment says what to replace.
 */
import {
  type Column,
  type Plan,
  relationsOf,
  type ServicePlan,
  type ViewPlan,
  viewOf,
} from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import { columnType, lines, literal, NOW, quote, trino } from '../../sql/dialect.ts'
import { CREATED, EVENT, rowColumns } from '../table.ts'
import { pointInTimeJoin } from '../training-set/point-in-time-join.ts'
import { numbered } from '../training-set/spine.ts'
import { columnOf, equal } from '../visible-rows.ts'
import { newestVersions } from './analyst-views.ts'

/** A query to run with the offline store's database as the default. */
export interface NamedQuery {
  readonly name: string
  readonly description: string
  readonly sql: string
}

/** One query over all views, up to four per view, and one per service. */
export function namedQueries(plan: Plan): readonly NamedQuery[] {
  const views = newestVersions(plan)
  return [
    ...(views.length === 0 ? [] : [freshness(views)]),
    ...views.flatMap(view => [
      nulls(view),
      days(view),
      entity(view),
      // Events are not corrected: an entity can have several at one instant.
      ...(view.aggregates === null ? [corrections(view)] : []),
    ]),
    ...Object.values(plan.services).map(service => trainingSet(plan, service)),
  ]
}

const history = (view: ViewPlan): string => quote(relationsOf(view).history)
const keysOf = (view: ViewPlan): readonly string[] => view.joinKeys.map(key => key.name)

/** A row of all join keys: it identifies the entity without joining texts. */
const entityOf = (view: ViewPlan): string => `row(${keysOf(view).map(quote).join(', ')})`

const freshness = (views: readonly ViewPlan[]): NamedQuery => ({
  name: 'freshness',
  description: 'Every view: rows, entities, when its newest row became true and when the store learned of it',
  sql: `${views
    .map(
      view => `select ${literal(view.name)} as "view", count(*) as "rows", count(distinct ${entityOf(view)}) as entities,
  max(${quote(EVENT)}) as newest_event, max(${quote(CREATED)}) as newest_created
from ${history(view)}`,
    )
    .join('\nunion all\n')}
order by newest_event`,
})

const nulls = (view: ViewPlan): NamedQuery => ({
  name: `${view.name}: nulls`,
  description: `How many values of each feature of ${view.name} are null, the emptiest first`,
  sql: `select feature, nulls, "rows", cast(nulls as double) / "rows" as null_share
from (
  select count(*) as "rows", array[${rowColumns(view)
    .map(({ name }) => `count_if(${quote(name)} is null)`)
    .join(', ')}] as counts
  from ${history(view)}
) c
cross join unnest(array[${rowColumns(view)
    .map(({ name }) => literal(name))
    .join(', ')}], counts) as f (feature, nulls)
where "rows" > 0
order by null_share desc, feature`,
})

const days = (view: ViewPlan): NamedQuery => ({
  name: `${view.name}: days`,
  description: `Rows and entities of ${view.name} for each day (UTC), the newest first`,
  sql: `select cast(${quote(EVENT)} as date) as "day", count(*) as "rows", count(distinct ${entityOf(view)}) as entities
from ${history(view)}
group by 1
order by 1 desc
limit 100`,
})

const entity = (view: ViewPlan): NamedQuery => ({
  name: `${view.name}: one entity`,
  description: `All that ${view.name} knew of one entity, the newest first`,
  sql: `-- Shows the entity whose row is newest; put the keys of another in place of "one".
with one as (
  select ${keysOf(view).map(quote).join(', ')} from ${view.aggregates === null ? quote(relationsOf(view).newest) : history(view)} order by ${quote(EVENT)} desc limit 1
)
select h.*
from ${history(view)} h join one on ${equal(
    'h',
    'one',
    keysOf(view).map(name => [name, name] as const),
  )}
order by ${columnOf('h', EVENT)} desc, ${columnOf('h', CREATED)} desc
limit 100`,
})

const corrections = (view: ViewPlan): NamedQuery => {
  const identity = [...keysOf(view), EVENT].map(quote).join(', ')
  return {
    name: `${view.name}: corrections`,
    description: `What was said more than once of ${view.name}: an entity and instant that have several rows`,
    sql: `select ${identity}, count(*) as "rows", min(${quote(CREATED)}) as first_created, max(${quote(CREATED)}) as last_created
from ${history(view)}
group by ${identity}
having count(*) > 1
order by last_created desc
limit 100`,
  }
}

/**
 * This query reads the tables. The row hash decides ties between timestamps, and a service may use an older version.
 */
function trainingSet(plan: Plan, service: ServicePlan): NamedQuery {
  const needs: readonly Column[] = [
    ...service.joinKeys,
    ...service.request,
    { name: EVENT, type: 'timestamp' },
  ]
  const example = needs.map(({ name, type }) => {
    const value = name === EVENT ? NOW : `cast(null as ${columnType(trino, type)})`
    return `${value} as ${quote(name)}`
  })
  const views = [...new Set(viewRefsRead(service).map(use => use.view))].map(key => viewOf(plan, key))
  const join = pointInTimeJoin({
    dialect: trino,
    plan,
    service,
    spine: `(${numbered('my_spine')})`,
    spineColumns: needs.map(({ name }) => name),
    tables: Object.fromEntries(views.map(view => [view.key, quote(relationsOf(view).table)])),
  })
  return {
    name: `${service.name}: training set`,
    description: `The features of ${service.name} for each row of a spine, as they were at its time`,
    sql: `-- Put your spine in place of "my_spine": a SELECT with these columns. Labels go into the last SELECT.
with my_spine as (
  select ${lines(example, '    ')}
),
${join.replace(/^with /, '')}`,
  }
}
