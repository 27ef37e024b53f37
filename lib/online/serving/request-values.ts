/** What a request brings beside join keys, for derived features. */
import type { Value } from '../../definition/value-types.ts'
import { type JsonObject, kindOf } from '../item/json-value.ts'
import type { PreparedDerived } from './derived.ts'
import { RequestError } from './request-error.ts'
import { columnOf } from './selection.ts'

/**
 * The request's columns of values, in the order of the service's.
 * @throws {RequestError} for one that is missing, of another length, or not of its type
 */
export const requestValues = (
  { request }: PreparedDerived,
  entities: JsonObject,
  rows: number,
): readonly (readonly Value[])[] =>
  request.map(({ name, json }) => {
    const column = columnOf(entities, name, 'missing-request-value')
    const subject = `entities.${name}`
    if (column.length !== rows)
      throw new RequestError('unequal-columns', {
        subject,
        got: String(column.length),
        allowed: [String(rows)],
      })
    return column.map((given, row) => {
      const value = json.read(given)
      if (value !== undefined) return value
      throw new RequestError('bad-request-value', {
        subject: `${subject}[${row}]`,
        got: kindOf(given),
        allowed: [json.allowed, 'null'],
      })
    })
  })
