/** Derived features: computes their expressions from the items that were read and from the request values. */

import type { Value, ValueType } from '../../definition/value-types.ts'
import { compileFunction } from '../../expression/compile-function.ts'
import type { Column, DerivedPlan, ServicePlan } from '../../plan/plan.ts'
import type { Access } from '../access/access.ts'
import { AS_IT_IS } from '../access/masking.ts'
import { type AttributeValue, attributeCodec } from '../item/attribute.ts'
import { type JsonCodec, jsonCodec } from '../item/json-codec.ts'
import type { Cells, FeatureStatus } from './answer.ts'
import type { ResolvedItem } from './resolve-item.ts'

/** A feature that expressions read: an attribute of the item of a view reference. */
interface PreparedInput {
  readonly name: string
  /** The index of the view reference. */
  readonly use: number
  readonly attribute: string
  readonly decode: (attribute: AttributeValue | undefined) => Value
}

interface PreparedFunction {
  /** The name under which other expressions refer to it. */
  readonly fullName: string
  readonly json: JsonCodec
  /** Null if one of its inputs is masked. */
  readonly compute: ((row: Readonly<Record<string, Value>>) => Value) | null
}

export interface PreparedDerived {
  readonly request: readonly { readonly name: string; readonly json: JsonCodec }[]
  readonly inputs: readonly PreparedInput[]
  /** Ordered so that each follows its inputs. */
  readonly functions: readonly PreparedFunction[]
}

/** @param service a service whose view references include everything that expressions read */
export function prepareDerived({ uses, request, derived }: ServicePlan, access: Access): PreparedDerived {
  const masked = maskedNames({ uses, derived }, access)
  const needed = new Set(
    derived.filter(one => !masked.has(one.fullName)).flatMap(one => one.from.map(nameOf)),
  )
  const inputs = uses.flatMap(({ features }, use) =>
    features
      .filter(({ fullName }) => needed.has(fullName))
      .map(({ fullName: name, feature: attribute, type }) => ({
        name,
        use,
        attribute,
        decode: attributeCodec(type).decode,
      })),
  )
  return {
    request: request.map(({ name, type }) => ({ name, json: jsonCodec(type) })),
    inputs,
    functions: derived.map(({ fullName, type, expression, from }) => ({
      fullName,
      json: jsonCodec(type),
      compute: masked.has(fullName) ? null : compileFunction(expression, typesOf(from)),
    })),
  }
}

const nameOf = ({ name }: Column): string => name

const typesOf = (columns: readonly Column[]): Readonly<Record<string, ValueType>> =>
  Object.fromEntries(columns.map(({ name, type }) => [name, type]))

/** Full names of the features that are masked for the caller, and of the derived features that depend on them. */
function maskedNames({ uses, derived }: Pick<ServicePlan, 'uses' | 'derived'>, { masking }: Access) {
  const masked = new Set(
    uses.flatMap(({ view, features }) =>
      features.filter(({ feature }) => masking(view, feature) !== AS_IT_IS).map(({ fullName }) => fullName),
    ),
  )
  for (const { fullName, from } of derived as readonly DerivedPlan[])
    if (from.some(({ name }) => masked.has(name))) masked.add(fullName)
  return masked
}

export interface DerivedInput {
  /** The resolved items, by view reference and row. */
  readonly judged: readonly (readonly ResolvedItem[])[]
  /** The request values, by column and index in the request. */
  readonly given: readonly (readonly Value[])[]
  /** The indexes of the rows in the request. */
  readonly rows: readonly number[]
}

/** The cells of each derived feature, one for each row. */
export function derivedCells(
  { request, inputs, functions }: PreparedDerived,
  { judged, given, rows }: DerivedInput,
): readonly Cells[] {
  const values = rows.map((place, row) => {
    const known: Record<string, Value> = Object.create(null)
    for (const { name, use, attribute, decode } of inputs) {
      const item = judged[use]?.[row]?.item
      known[name] = item === undefined ? null : decode(item[attribute])
    }
    request.forEach(({ name }, i) => {
      known[name] = given[i]?.[place] ?? null
    })
    for (const { fullName, compute } of functions) if (compute !== null) known[fullName] = compute(known)
    return known
  })
  return functions.map(({ fullName, json, compute }): Cells => {
    if (compute === null) return { values: rows.map(() => 'null'), statuses: rows.map(() => 'MASKED') }
    const column = values.map(known => known[fullName] ?? null)
    const statusOf = (value: Value): FeatureStatus => (value === null ? 'NULL_VALUE' : 'PRESENT')
    return { values: column.map(json.write), statuses: column.map(statusOf) }
  })
}
