/** Selects the latest row of each entity, which materialization writes to the online store. */
import type { ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { lines, NOW, quote, timestampLiteral } from '../../sql/dialect.ts'
import { EVENT, tableColumns } from '../table.ts'
import { columnOf, couldBeVisible, equal, winnerFirst } from '../visible-rows.ts'

export interface LatestRowsInput {
  readonly view: ViewPlan
  /** SQL that follows FROM: the rows to choose from. */
  readonly rows: string
  /** Rows with an earlier event timestamp are excluded. @default no lower bound */
  readonly from?: Micros | null
  /** Rows with a later event timestamp are excluded. Null means the instant at which the query runs. */
  readonly to: Micros | null
}

/** A SELECT of all columns of the view's offline table, with one row per entity. */
export function latestRows({ view, rows, from = null, to }: LatestRowsInput): string {
  const keys = view.joinKeys.map(key => key.name)
  const same = equal(
    'f',
    'newest',
    [...keys, EVENT].map(name => [name, name] as const),
  )
  const window = [
    ...couldBeVisible(view, null, 'f'),
    ...(from === null ? [] : [`${columnOf('f', EVENT)} >= ${timestampLiteral(from)}`]),
    `${columnOf('f', EVENT)} <= ${to === null ? NOW : timestampLiteral(to)}`,
  ]
  const key = keys.map(name => columnOf('f', name))
  const columns = tableColumns(view).map(({ name }) => quote(name))
  return `with newest as (
  select ${key.join(', ')}, max(${columnOf('f', EVENT)}) as ${quote(EVENT)}
  from ${rows} f
  where ${window.join(' and ')}
  group by ${key.join(', ')}
),
ranked as (
  select f.*, row_number() over (partition by ${key.join(', ')} order by ${winnerFirst('f')}) as quern_place
  from ${rows} f join newest on ${same}
)
select ${lines(columns)}
from ranked where quern_place = 1`
}
