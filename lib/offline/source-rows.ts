/** Where a view's rows come from, as SQL: its source under the name `source`, and its transformation over that. */
import type { ViewPlan } from '../compiler/plan.ts'
import { quote } from './dialect.ts'

/** SQL that stands after FROM: the transformation over a source, which itself is SQL that stands after FROM. */
export const transformed = (view: Pick<ViewPlan, 'transformation'>, source: string): string =>
  view.transformation === null ? source : `(${over('source', source, view.transformation)})`

/** A query with one of its tables given by SQL that stands after FROM. */
export const over = (name: string, relation: string, query: string): string =>
  `with ${quote(name)} as (select * from ${relation}) select * from (\n${query}\n) q`
