/** Converts values of both engines to one form. */
import type { Value } from '../../lib/definition/value-types.ts'
import type { OfflineEngine } from '../../lib/runtime.ts'
import { duckdbSelect, selectProblems } from '../../lib/select/index.ts'
import type { TrinoResult, TrinoValue } from '../conformance/trino-client.ts'

/** A value as text: numbers by value, instants in microseconds, bytes in hex. */
export type Plain = string | null | readonly Plain[]

const number = (text: string): string => {
  if (/^-?\d{1,19}$/.test(text)) return BigInt(text).toString()
  return whole(Number(text))
}

/** All digits of a double. */
const whole = (value: number): string => (Number.isInteger(value) ? BigInt(value).toString() : String(value))

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export function plainLocal(value: Value | undefined): Plain {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map(each => plainLocal(each as Value))
  if (value instanceof Uint8Array) return hex(value)
  if (typeof value === 'number') return whole(value)
  return String(value)
}

function instant(text: string): string {
  const [day = '', clock = ''] = text.split(' ')
  const [seconds, fraction = ''] = clock.split('.')
  return String(BigInt(Date.parse(`${day}T${seconds}Z`)) * 1_000n + BigInt(fraction.padEnd(6, '0')))
}

export function plainTrino(value: TrinoValue, type: string): Plain {
  if (value === null) return null
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') {
    if (/^(double|real|decimal)/.test(type)) return number(value)
    if (/^timestamp/.test(type)) return instant(value)
    return type === 'varbinary' ? hex(Buffer.from(value, 'base64')) : value
  }
  if ('digits' in value) return number(value.digits)
  const element = /^array\((.*)\)$/.exec(type)?.[1] ?? ''
  return value.map(each => plainTrino(each, element))
}

export const trinoRows = ({ rows, columns }: TrinoResult): readonly (readonly Plain[])[] =>
  rows.map(row => row.map((value, i) => plainTrino(value, columns[i]?.type ?? '')))

/** The rows of the local engine, or the reason for their absence. */
export async function localRows(
  engine: OfflineEngine,
  sql: string,
): Promise<readonly (readonly Plain[])[] | { readonly refused: string }> {
  const [problem] = selectProblems(sql, {})
  if (problem !== undefined) return { refused: `${problem.got}: ${problem.instead}` }
  try {
    const rows = await engine.rows(duckdbSelect(sql, {}))
    return rows.map(row => Object.values(row).map(plainLocal))
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) }
  }
}
