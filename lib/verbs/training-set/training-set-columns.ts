/** The columns of a training set, with their origins and statistics. */

import { parseType } from '../../definition/value-types.ts'
import { EVENT } from '../../offline/table.ts'
import { SPINE_ROW } from '../../offline/training-set/point-in-time-join.ts'
import { SPLIT } from '../../offline/training-set/split.ts'
import { type Origin, type ServicePlan, viewOf } from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import type { EngineColumn, OfflineEngine, Row } from '../../runtime.ts'
import { quote } from '../../sql/dialect.ts'
import { piiJoinKeys } from '../tables/pii-columns.ts'
import { type BuildSpec, servicesOf } from './build-spec.ts'
import type { ManifestColumn } from './training-set-manifest.ts'

/** A column of the build spec, without statistics. */
export interface BuildSpecColumn extends Pick<ManifestColumn, 'name' | 'type' | 'role' | 'from'> {
  readonly pii: boolean
}

/** Whether a column of the spine is PII. */
export type IsPii = (column: string) => boolean

/** Returns the columns in order. @param spine the spine's own columns @param isPii @default false for all columns */
export function buildSpecColumns(
  engine: OfflineEngine,
  recipe: BuildSpec,
  spine: readonly EngineColumn[],
  isPii: IsPii = () => false,
): readonly BuildSpecColumn[] {
  const own = (name: string, type: string, role: 'order' | 'split'): BuildSpecColumn => ({
    name,
    type,
    role,
    from: null,
    pii: false,
  })
  return [
    // Without this column, the row order would be lost.
    ...(engine.keepsOrder ? [] : [own(SPINE_ROW, 'int64', 'order')]),
    ...spineColumns(recipe, spine, isPii),
    ...(recipe.options.split === null ? [] : [own(SPLIT, 'string', 'split')]),
    ...serviceColumns(recipe, recipe.service, 'feature'),
    ...derivedColumns(recipe),
    ...(recipe.labels === null ? [] : serviceColumns(recipe, recipe.labels.service, 'label')),
  ]
}

function spineColumns(
  recipe: BuildSpec,
  spine: readonly EngineColumn[],
  isPii: IsPii,
): readonly BuildSpecColumn[] {
  const services = servicesOf(recipe)
  const keys = new Set(services.flatMap(service => [...piiJoinKeys(recipe, service)]))
  const roles = new Map<string, Pick<BuildSpecColumn, 'type' | 'role'>>([
    ...services
      .flatMap(one => one.request)
      .map(({ name, type }) => [name, { type, role: 'request value' }] as const),
    ...services
      .flatMap(one => one.joinKeys)
      .map(({ name, type }) => [name, { type, role: 'join key' }] as const),
    [EVENT, { type: 'timestamp', role: 'event timestamp' }],
  ])
  return spine.map(({ name, type }): BuildSpecColumn => {
    const known = roles.get(name) ?? { type, role: 'label' }
    return {
      name,
      ...known,
      from: null,
      pii: known.role !== 'event timestamp' && (keys.has(name) || isPii(name)),
    }
  })
}

const serviceColumns = (
  { views, options }: BuildSpec,
  service: ServicePlan,
  role: 'feature' | 'label',
): readonly BuildSpecColumn[] =>
  service.uses.flatMap(use => {
    const view = viewOf({ views }, use.view)
    return use.features.map(({ name, fullName, feature, type }) => ({
      name: options.fullNames ? fullName : name,
      type,
      role,
      from: { view: use.view, feature, origin: originText(view.origin) },
      pii: view.features.some(known => known.name === feature && known.pii),
    }))
  })

function derivedColumns({ views, options, service }: BuildSpec): readonly BuildSpecColumn[] {
  const inputs = inputsOf(views, service)
  return service.derived.map(({ name, fullName, type, derivation, feature, from }) => ({
    name: options.fullNames ? fullName : name,
    type,
    role: 'feature',
    from: {
      view: derivation,
      feature,
      origin: from.map(one => inputs.get(one.name)?.text ?? `request ${one.name}`).join(', '),
    },
    pii: inputs.get(fullName)?.pii ?? false,
  }))
}

interface DerivedInput {
  readonly text: string
  /** Whether the input is PII, or is computed from PII. */
  readonly pii: boolean
}

/** The inputs of derived features, by full name. */
function inputsOf(views: BuildSpec['views'], service: ServicePlan): ReadonlyMap<string, DerivedInput> {
  const inputs = new Map<string, DerivedInput>()
  for (const { view, features } of viewRefsRead(service))
    for (const { fullName, feature } of features) {
      const known = viewOf({ views }, view).features.find(one => one.name === feature)
      inputs.set(fullName, { text: `${view}:${feature}`, pii: known?.pii ?? false })
    }
  for (const { fullName, derivation, feature, from } of service.derived) {
    const pii = from.some(({ name }) => inputs.get(name)?.pii)
    inputs.set(fullName, { text: `${derivation}:${feature}`, pii })
  }
  return inputs
}

const originText = (origin: Origin): string =>
  origin.kind === 'source' ? `source ${origin.source}` : `view ${origin.view}`

const ORDERED = /^(int32|int64|float32|float64|string|timestamp|date)$/
const NUMBERS = /^(int32|int64|float32|float64)$/

/** @param relation the SQL after FROM that reads the training set */
export async function describeColumns(
  engine: OfflineEngine,
  columns: readonly BuildSpecColumn[],
  relation: string,
): Promise<ManifestColumn[]> {
  const parts = columns.flatMap(({ name, type, pii }, i) => [
    `count(${quote(name)}) as n${i}`,
    ...(ORDERED.test(type) && !pii
      ? ['min', 'max'].map(f => `${text(engine, type, `${f}(${quote(name)})`)} as ${f}${i}`)
      : []),
    ...(NUMBERS.test(type) && !pii ? [`avg(cast(${quote(name)} as double)) as mean${i}`] : []),
  ])
  const [row = {}] = await engine.rows(`select count(*) as row_count, ${parts.join(', ')} from ${relation} t`)
  return columns.map((column, i) => statistics(column, row, i))
}

/** Converts a value to text. `type` is a value type. */
const text = ({ dialect }: OfflineEngine, type: string, value: string): string => {
  const shape = parseType(type)
  return shape?.kind === 'scalar' ? dialect.text(shape.scalar, value) : `cast(${value} as varchar)`
}

function statistics(column: BuildSpecColumn, row: Row, i: number): ManifestColumn {
  const rows = Number(row['row_count'])
  const nulls = rows - Number(row[`n${i}`])
  const [min, max, mean] = [row[`min${i}`], row[`max${i}`], row[`mean${i}`]]
  return {
    ...column,
    nulls,
    nullShare: rows === 0 ? 0 : nulls / rows,
    min: typeof min === 'string' ? min : null,
    max: typeof max === 'string' ? max : null,
    mean: typeof mean === 'number' && Number.isFinite(mean) ? mean : null,
  }
}
