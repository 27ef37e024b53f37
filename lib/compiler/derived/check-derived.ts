/** Checks that derived features refer to existing columns, have valid expressions, and contain no cycle. */
import type { Expression } from '../../definition/expression-data.ts'
import { parseType, type ValueType } from '../../definition/value-types.ts'
import { checkExpression } from '../../expression/check-expression.ts'
import { columnsOf } from '../../expression/columns-of.ts'
import type { Column } from '../../plan/plan.ts'
import { compareText } from '../../text/by-name.ts'
import type { DiagnosticPath } from '../diagnostics/diagnostic-path.ts'
import { checkColumnName } from '../fields/check-names.ts'

export interface CheckedFeature extends Column {
  readonly expression: Expression
}

/** The types that the expression declares for other derived features, by name. */
interface Referring extends CheckedFeature {
  readonly declared: ReadonlyMap<string, ValueType>
}

type Entries = readonly (readonly [string, unknown])[]

/** The features in dependency order. Null, with diagnostics, if there is no such order. */
export function checkDerived(
  place: DiagnosticPath,
  entries: Entries,
  given: readonly Column[],
): readonly CheckedFeature[] | null {
  const own = new Set(entries.map(([name]) => name))
  const placeOf = (name: string): DiagnosticPath => place.inside(`feature ${name}`)
  const found = entries.flatMap(([name, value]) => {
    checkColumnName(placeOf(name), name)
    const feature = checkFeature(placeOf(name), value, { given, own })
    return feature === null ? [] : [{ ...feature, name }]
  })
  const features = new Map(found.map(feature => [feature.name, feature]))
  const agree = found.map(feature => checkReferences(placeOf(feature.name), feature, features))
  const ordered = inOrder(features, placeOf)
  if (found.length < entries.length || agree.includes(false) || ordered.length < found.length) return null
  return ordered.map(({ name, type, expression }) => ({ name, type, expression }))
}

interface Known {
  readonly given: readonly Column[]
  readonly own: ReadonlySet<string>
}

/** A reference to another derived feature declares its type, so that each feature can be checked alone. */
function checkFeature(
  place: DiagnosticPath,
  value: unknown,
  { given, own }: Known,
): Omit<Referring, 'name'> | null {
  const { expression, columns }: { readonly expression?: unknown; readonly columns?: unknown } = Object(value)
  const declared = new Map(
    Object.entries(Object(columns))
      .filter(isTyped)
      .filter(([name]) => own.has(name)),
  )
  const types = Object.fromEntries([...given.map(({ name, type }) => [name, type] as const), ...declared])
  const checked = checkExpression(expression, types)
  if (checked.mistakes === undefined) return { ...checked, declared }
  for (const { operator, got, takes } of checked.mistakes)
    place.inside(operator).report('bad-expression', got, {
      allowed: takes,
      ...(own.has(got)
        ? { remedy: `refer to another feature of the same derive by derived('${got}', …)` }
        : {}),
    })
  return null
}

const isTyped = (entry: readonly [string, unknown]): entry is [string, ValueType] =>
  typeof entry[1] === 'string' && parseType(entry[1]) !== undefined

function checkReferences(
  place: DiagnosticPath,
  { declared }: Referring,
  features: ReadonlyMap<string, Referring>,
): boolean {
  const wrong = [...declared].filter(([name, type]) => {
    const feature = features.get(name)
    return feature !== undefined && feature.type !== type
  })
  for (const [name, type] of wrong)
    place.report('bad-expression', `derived('${name}', '${type}')`, {
      allowed: `derived('${name}', '${features.get(name)?.type}')`,
    })
  return wrong.length === 0
}

/**
 * Sorts by dependency and leaves out the features of cycles. Each cycle is reported once, at its first feature by name.
 */
function inOrder(
  features: ReadonlyMap<string, Referring>,
  placeOf: (name: string) => DiagnosticPath,
): readonly Referring[] {
  const done = new Set<Referring>()
  const circles = new Map<string, string>()
  const visit = (feature: Referring, way: readonly string[]): boolean => {
    if (done.has(feature)) return true
    const at = way.indexOf(feature.name)
    if (at >= 0) {
      const circle = fromFirst(way.slice(at))
      circles.set([...circle, circle[0]].join(' → '), circle[0] ?? '')
      return false
    }
    const before = columnsOf(feature.expression).flatMap(name => features.get(name) ?? [])
    const isFree = before.map(one => visit(one, [...way, feature.name])).every(free => free)
    if (isFree) done.add(feature)
    return isFree
  }
  for (const feature of features.values()) visit(feature, [])
  for (const [text, first] of circles)
    placeOf(first).report('cycle', text, {
      allowed: 'features that lead to inputs and request values',
      remedy: 'break the circle at one of these features',
    })
  return [...done]
}

function fromFirst(circle: readonly string[]): readonly string[] {
  const [first = ''] = [...circle].sort(compareText)
  const at = circle.indexOf(first)
  return [...circle.slice(at), ...circle.slice(0, at)]
}
