/** Request values: the values beside join keys that derived features read. */
import type { Value } from '../../definition/value-types.ts'
import { type JsonObject, kindOf } from '../item/json-value.ts'
import type { PreparedDerived } from './derived.ts'
import { RequestError } from './request-error.ts'
import { columnOf } from './selection.ts'

/**
 * The request value columns, in the order of the service.
 * @throws {RequestError} if a column is missing, has another length, or has a value of another type
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
