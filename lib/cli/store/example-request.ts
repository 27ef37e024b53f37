/** A question that the store can answer: the newest rows of a service's training set that are true by now. */

import { EVENT } from '../../offline/table.ts'
import { jsonCodec } from '../../online/item/json-codec.ts'
import type { ServicePlan } from '../../plan/plan.ts'
import { microsOf } from '../../semantics/point-in-time.ts'
import { quote, timestampLiteral } from '../../sql/dialect.ts'
import type { TrainingSet } from '../../verbs/training-set/training-set.ts'
import type { LocalStore } from './local-store.ts'

const ROWS = 2

/** @returns the body of a request, as JSON */
export async function exampleRequest(
  { engine, clock }: Pick<LocalStore, 'engine' | 'clock'>,
  { name, joinKeys, request }: ServicePlan,
  { path }: TrainingSet,
): Promise<string> {
  const asked = [...joinKeys, ...request]
  const keys = asked.map(column => quote(column.name))
  const whole = joinKeys.map(key => key.name).map(key => `${quote(key)} is not null`)
  const rows = await engine.rows(
    `select ${keys.join(', ')} from ${engine.files([path], 'parquet')}
     where ${[...whole, `${quote(EVENT)} <= ${timestampLiteral(microsOf(clock.now()))}`].join(' and ')}
     order by ${[`${quote(EVENT)} desc`, ...keys].join(', ')} limit ${ROWS}`,
  )
  const columns = asked.map(
    column =>
      `${JSON.stringify(column.name)}:[${rows.map(row => jsonCodec(column.type).write(row[column.name] ?? null)).join(',')}]`,
  )
  return `{"feature_service":${JSON.stringify(name)},"entities":{${columns.join(',')}}}`
}
