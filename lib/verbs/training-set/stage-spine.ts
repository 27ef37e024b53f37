/** Opens a spine of any origin, checks it against its services, and stages it for the joins. */

import { rangeSpine, spanning } from '../../offline/training-set/range-spine.ts'
import { entitiesOf, spineNeeds } from '../../offline/training-set/spine.ts'
import { SPLIT, type Split, splitExpression } from '../../offline/training-set/split.ts'
import { featuresOf, type ServicePlan, type ViewPlan } from '../../plan/plan.ts'
import type { TableVersion } from '../../runtime.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { StoreError } from '../../store-error.ts'
import type { AcceptContext } from '../ingest/accept-origin.ts'
import type { ContentContext } from '../materialize/content.ts'
import { relationsOf } from '../tables/service-tables.ts'
import { type OpenSpine, openSpine } from './open-spine.ts'
import { type PreparedSpine, prepareSpine } from './prepare-spine.ts'
import type { SpineOrigin } from './training-set-manifest.ts'

export interface SpineTables {
  readonly tables: Readonly<Record<string, TableVersion>>
  /** Leaves out rows of a range that were created later; null: all rows are read. */
  readonly asOf: Micros | null
}

/** @throws {StoreError} `bad-argument`, `source-missing` */
export async function openAnySpine(
  world: AcceptContext,
  service: ServicePlan,
  origin: SpineOrigin,
  { tables, asOf }: SpineTables,
): Promise<OpenSpine> {
  if (origin.kind !== 'range') return openSpine(world, service, origin)
  if (service.request.length > 0)
    throw new StoreError(
      'bad-argument',
      `service '${service.name}' needs request values (${service.request.map(({ name }) => name).join(', ')}), which no history has; give a spine`,
    )
  if (spanning(service).length === 0)
    throw new StoreError(
      'bad-argument',
      `no view of service '${service.name}' has all its join keys (${service.joinKeys.map(key => key.name).join(', ')}), so no history says which belong together; give a spine`,
    )
  return {
    relation: `(${rangeSpine(world.plan, service, relationsOf(tables), origin, asOf)})`,
    label: `all rows of service '${service.name}' in a range`,
  }
}

export interface StagedSpine {
  readonly spine: PreparedSpine
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

export interface StageSpineOptions {
  /** The features' service comes first. */
  readonly services: readonly [ServicePlan, ...ServicePlan[]]
  readonly fullNames: boolean
  readonly split: Split | null
  /** Views, by key, whose entity keys must be storable. @default keys are not checked: they were checked before */
  readonly views?: Readonly<Record<string, ViewPlan>>
  /** Whether its rows already have numbers in `spine_row`. @default false */
  readonly isNumbered?: boolean
}

/** The staged file exists until the result is disposed of. @throws {StoreError} `spine-misfit` */
export async function stageSpine(
  world: ContentContext,
  open: OpenSpine,
  { services, fullNames, split, views = {}, isNumbered = false }: StageSpineOptions,
): Promise<StagedSpine> {
  const { engine, objects } = world
  const names = services.flatMap(featuresOf).map(feature => (fullNames ? feature.fullName : feature.name))
  const scratch = objects.scratch('spine.parquet')
  const remove = (): Promise<void> => objects.remove(scratch)
  try {
    const spine = await prepareSpine(world, open, {
      needs: spineNeeds(services),
      taken: new Set(split === null ? names : [...names, SPLIT]),
      added: split && {
        name: SPLIT,
        expression: splitExpression(engine.dialect, split, services[0].joinKeys),
      },
      isNumbered,
      entities: entitiesOf(services, views),
      scratch,
    })
    return { spine, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}
