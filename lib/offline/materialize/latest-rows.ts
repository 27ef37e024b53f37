/** The newest row of each entity: what materialization puts online. */
import type { ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { lines, NOW, quote, timestampLiteral } from '../../sql/dialect.ts'
import { EVENT, tableColumns } from '../table.ts'
import { columnOf, couldBeVisible, equal, winnerFirst } from '../visible-rows.ts'

export interface LatestRowsInput {
  readonly view: ViewPlan
  /** SQL that stands after FROM: the rows to choose from. */
  readonly rows: string
  /** Rows that became true before it are left out. @default none */
  readonly from?: Micros | null
  /** Rows that become true after it are left out; null: after the moment at which the query runs. */
  readonly to: Micros | null
}

/** All columns of the view's offline table, one row for each entity. */
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
