/** The columns of a training set: which there are, where each comes from, and what is in it. */
import { type Origin, type ServicePlan, viewOf } from '../compiler/plan.ts'
import { parseType } from '../definition/value-types.ts'
import { quote } from '../offline/dialect.ts'
import { SPINE_ROW } from '../offline/point-in-time-join.ts'
import { SPLIT } from '../offline/split.ts'
import { EVENT } from '../offline/table.ts'
import type { EngineColumn, OfflineEngine, Row } from '../runtime.ts'
import type { ManifestColumn } from './training-set-manifest.ts'
import { type Recipe, servicesOf } from './training-set-recipe.ts'

/** A column as the recipe has it, without what is in it. */
export interface RecipeColumn extends Pick<ManifestColumn, 'name' | 'type' | 'role' | 'from'> {
  readonly pii: boolean
}

/** In their order. @param spine the spine's own columns */
export function recipeColumns(
  engine: OfflineEngine,
  recipe: Recipe,
  spine: readonly EngineColumn[],
): readonly RecipeColumn[] {
  const own = (name: string, type: string, role: 'order' | 'split'): RecipeColumn => ({
    name,
    type,
    role,
    from: null,
    pii: false,
  })
  return [
    // The order of rows would else be lost.
    ...(engine.keepsOrder ? [] : [own(SPINE_ROW, 'int64', 'order')]),
    ...spineColumns(recipe, spine),
    ...(recipe.options.split === null ? [] : [own(SPLIT, 'string', 'split')]),
    ...serviceColumns(recipe, recipe.service, 'feature'),
    ...(recipe.labels === null ? [] : serviceColumns(recipe, recipe.labels.service, 'label')),
  ]
}

function spineColumns(recipe: Recipe, spine: readonly EngineColumn[]): readonly RecipeColumn[] {
  const keys = new Map(
    servicesOf(recipe).flatMap(({ joinKeys }) => joinKeys.map(key => [key.name, key.type] as const)),
  )
  return spine.map(({ name, type }): RecipeColumn => {
    if (name === EVENT) return { name, type: 'timestamp', role: 'event timestamp', from: null, pii: false }
    const key = keys.get(name)
    return { name, type: key ?? type, role: key === undefined ? 'label' : 'join key', from: null, pii: false }
  })
}

const serviceColumns = (
  { views, options }: Recipe,
  service: ServicePlan,
  role: 'feature' | 'label',
): readonly RecipeColumn[] =>
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

const originText = (origin: Origin): string =>
  origin.kind === 'source' ? `source ${origin.source}` : `view ${origin.view}`

const ORDERED = /^(int32|int64|float32|float64|string|timestamp|date)$/
const NUMBERS = /^(int32|int64|float32|float64)$/

/** @param relation SQL that stands after FROM: the training set */
export async function describeColumns(
  engine: OfflineEngine,
  columns: readonly RecipeColumn[],
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

/** `type` is one of the value types here. */
const text = ({ dialect }: OfflineEngine, type: string, value: string): string => {
  const shape = parseType(type)
  return shape?.kind === 'scalar' ? dialect.text(shape.scalar, value) : `cast(${value} as varchar)`
}

function statistics({ pii: _, ...column }: RecipeColumn, row: Row, i: number): ManifestColumn {
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
