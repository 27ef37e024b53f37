/** Finds the signature of a function that accepts given types, and its result type. */
import { commonType, type EngineType, elementOf, familyOf } from './types/engine-type.ts'

const RESULTS: Readonly<Record<string, EngineType>> = {
  bigint: 'BIGINT',
  integer: 'INTEGER',
  double: 'DOUBLE',
  varchar: 'VARCHAR',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  varbinary: 'BLOB',
  'array(varchar)': 'VARCHAR[]',
  'array(bigint)': 'BIGINT[]',
}

const TAKES: Readonly<Record<string, readonly string[]>> = {
  bigint: ['integer'],
  integer: ['integer'],
  number: ['integer', 'decimal', 'floating'],
  double: ['floating'],
  decimal: ['decimal'],
  varchar: ['varchar'],
  boolean: ['boolean'],
  date: ['date'],
  timestamp: ['timestamp'],
  interval: ['interval'],
  varbinary: ['varbinary'],
}

interface Signature {
  readonly parameters: readonly string[]
  readonly isOpen: boolean
  readonly result: string
}

export function parseSignature(signature: string): Signature {
  const [before = '', result = ''] = signature.split('->').map(part => part.trim())
  const parameters: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i <= before.length; i += 1) {
    const letter = before[i]
    depth += letter === '(' ? 1 : letter === ')' ? -1 : 0
    if ((letter === ',' && depth === 0) || i === before.length) {
      parameters.push(before.slice(from, i).trim())
      from = i + 1
    }
  }
  const isOpen = before.endsWith('...')
  return { parameters: before === '' ? [] : parameters.map(each => each.replace('...', '')), isOpen, result }
}

/** An unknown type and null match every parameter. */
function takes(parameter: string, type: EngineType | null): boolean {
  if (type === null || familyOf(type) === 'null' || parameter === 'T') return true
  const inner = /^array\((.*)\)$/.exec(parameter)?.[1]
  if (inner === undefined) return TAKES[parameter]?.includes(familyOf(type)) ?? false
  return familyOf(type) === 'array' && takes(inner, elementOf(type))
}

/** The type of T; null if it is not known, 'none' if the arguments have no common type. */
function bound(
  parameters: readonly string[],
  types: readonly (EngineType | null)[],
): EngineType | null | 'none' {
  let found: EngineType | null = null
  for (const [i, parameter] of parameters.entries()) {
    const type = types[i] ?? null
    const depth = parameter.split('array(').length - 1
    if (!parameter.includes('T') || type === null) continue
    let own: EngineType | null = type
    for (let d = 0; d < depth; d += 1) own = own === null ? null : elementOf(own)
    if (own === null) continue
    const both: EngineType | null = found === null ? own : commonType(found, own)
    if (both === null) return 'none'
    found = both
  }
  return found
}

/** The result type of a call. `refused`: no signature accepts the types; null: they are not known well enough. */
export function resultOf(
  signatures: readonly string[],
  types: readonly (EngineType | null)[],
): EngineType | null | 'refused' {
  for (const { parameters, isOpen, result } of signatures.map(parseSignature)) {
    const all = isOpen
      ? types.map((_, i) => parameters[Math.min(i, parameters.length - 1)] ?? '')
      : parameters
    if (all.length !== types.length || !all.every((parameter, i) => takes(parameter, types[i] ?? null)))
      continue
    const t = bound(all, types)
    if (t === 'none') continue
    if (result === 'T') return t
    if (result === 'array(T)') return t === null ? null : `${t}[]`
    if (result === 'decimal') return types.find(type => type !== null && familyOf(type) === 'decimal') ?? null
    return RESULTS[result] ?? null
  }
  return 'refused'
}
