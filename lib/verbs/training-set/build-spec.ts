/** A training set's build spec: plain data that determines its content, together with the spine's rows. */
import { z } from 'zod'
import { labelJoin } from '../../offline/training-set/label-join.ts'
import { type PointInTimeJoinInput, pointInTimeJoin } from '../../offline/training-set/point-in-time-join.ts'
import { completeService, completeView } from '../../plan/earlier-plan.ts'
import { type Plan, type ServicePlan, type ViewPlan, viewOf } from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import type { TableVersion } from '../../runtime.ts'
import type { Dialect } from '../../sql/dialect.ts'
import { contentHash } from '../../text/canonical.ts'

/** Microseconds: a bigint here, digits in JSON. */
const micros = z.string().transform(BigInt)

/** Compiled parts are not validated: quern's compiler made them, and the id covers them. */
const compiled = <T>() => z.custom<T>(value => typeof value === 'object' && value !== null)

const shares = z.array(z.number()).readonly()

export const buildSpecSchema = z.object({
  service: compiled<ServicePlan>().transform(completeService),
  labels: z
    .object({
      service: compiled<ServicePlan>().transform(completeService),
      windowMs: z.number(),
      reached: micros.nullable(),
    })
    .nullable(),
  /** All views that the services use, by key. */
  views: z.record(z.string(), compiled<ViewPlan>().transform(completeView)),
  /** The version of each view's table. */
  tables: z.record(
    z.string(),
    z.object({ id: z.string(), sequence: z.number(), snapshot: z.string(), rows: z.number() }),
  ),
  options: z.object({
    asOf: micros.nullable(),
    asKnown: z.boolean(),
    fullNames: z.boolean(),
    split: z
      .union([
        z.object({ by: z.literal('time'), shares }),
        z.object({ by: z.literal('instants'), instants: z.array(micros).readonly() }),
        z.object({ by: z.enum(['entity', 'random']), shares, seed: z.number() }),
      ])
      .nullable(),
  }),
})
export type BuildSpec = z.output<typeof buildSpecSchema>

/** The services of a build spec: the features' service, and the labels' service if there is one. */
export const servicesOf = ({
  service,
  labels,
}: {
  readonly service: ServicePlan
  readonly labels: { readonly service: ServicePlan } | null
}): readonly [ServicePlan, ...ServicePlan[]] => (labels === null ? [service] : [service, labels.service])

/** The views of some services, by key. */
export const viewsOf = (
  plan: Pick<Plan, 'views'>,
  services: readonly ServicePlan[],
): Record<string, ViewPlan> =>
  Object.fromEntries(services.flatMap(viewRefsRead).map(({ view }) => [view, viewOf(plan, view)]))

export type SpineSql = Pick<PointInTimeJoinInput, 'spine' | 'spineColumns' | 'bounds' | 'ordered'>

/** The SELECT whose rows are the training set. */
export function buildSpecSql(
  dialect: Dialect,
  { service, labels, views, options }: BuildSpec,
  spine: SpineSql,
  tables: Readonly<Record<string, string>>,
): string {
  const input = { dialect, plan: { views }, service, tables, ...spine, ...options }
  return labels === null ? pointInTimeJoin(input) : labelJoin({ ...input, labels })
}

/**
 * The id of a training set: a hash of its build spec, its spine's content, the engine, and the SQL with names in place of
 * relations. Owners, descriptions and tags do not change it.
 */
export function buildSpecId(dialect: Dialect, recipe: BuildSpec, spine: string): string {
  const { service, labels, views, tables, options } = recipe
  const names = Object.fromEntries(Object.keys(views).map(key => [key, `"${key}"`]))
  return contentHash(
    digits({
      uses: service.uses,
      ...derivedPart(service),
      labels: labels === null ? null : { ...labels, service: labels.service.uses },
      views: Object.entries(views).map(([key, { meaning, ttlMs }]) => ({ key, meaning, ttlMs })),
      tables: Object.entries(tables).map(([key, { id, snapshot, sequence }]) => ({
        key,
        id,
        snapshot,
        sequence,
      })),
      options,
      spine,
      engine: dialect.name,
      sql: buildSpecSql(dialect, recipe, { spine: 'spine', spineColumns: [] }, names),
    }),
  )
}

/** Without derived features this part is empty, so that ids from before derived features stay the same. */
const derivedPart = ({ inputs, derived }: ServicePlan): object =>
  derived.length === 0 ? {} : { inputs, derived: derived.map(({ description: _, ...meaning }) => meaning) }

/** Replaces bigints with decimal texts, because JSON has no bigints. */
const digits = (data: unknown): unknown =>
  JSON.parse(
    JSON.stringify(data, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  )

export const stateOf = ({ id, sequence, snapshot, rows }: TableVersion): BuildSpec['tables'][string] => ({
  id,
  sequence,
  snapshot,
  rows,
})
