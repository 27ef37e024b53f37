/** A spine from the stored history: each entity at each instant at which a view of the service has a row. */
import { type Plan, type ServicePlan, type ViewRef, viewOf } from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { quote, timestampLiteral } from '../../sql/dialect.ts'
import { EVENT } from '../table.ts'
import { columnOf, couldBeVisible } from '../visible-rows.ts'

/** A range of instants. Both ends are included. */
export interface Range {
  readonly from: Micros
  readonly to: Micros
}

/** The view references that contain every join key of the service. Only their rows can become spine rows. */
export const spanning = (service: ServicePlan): readonly ViewRef[] =>
  viewRefsRead(service).filter(use =>
    service.joinKeys.every(({ name }) => use.joinKeys.some(key => key.from === name)),
  )

/**
 * A SELECT of the service's join keys and `event_timestamp`. Each pair occurs once, ordered by time.
 * @param tables SQL that follows FROM, for each view
 * @param asOf hides rows created later
 */
export function rangeSpine(
  plan: Pick<Plan, 'views'>,
  service: ServicePlan,
  tables: Readonly<Record<string, string>>,
  { from, to }: Range,
  asOf: Micros | null,
): string {
  const rows = spanning(service).map(use => {
    const keys = service.joinKeys.map(({ name }) => {
      const column = use.joinKeys.find(key => key.from === name)?.name ?? name
      return `${columnOf('f', column)} as ${quote(name)}`
    })
    const where = [
      ...couldBeVisible(viewOf(plan, use.view), asOf, 'f'),
      `${columnOf('f', EVENT)} between ${timestampLiteral(from)} and ${timestampLiteral(to)}`,
    ]
    // A correction adds a row with the same entity and instant, so DISTINCT is needed. UNION removes duplicates only
    // if there are two views.
    return `select distinct ${[...keys, columnOf('f', EVENT)].join(', ')} from ${tables[use.view]} f where ${where.join(' and ')}`
  })
  const order = [EVENT, ...service.joinKeys.map(key => key.name)].map(quote).join(', ')
  return `select * from (\n${rows.join('\nunion\n')}\n) r order by ${order}`
}
