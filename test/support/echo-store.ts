/** A store that returns its request: a derived feature for each type of request value, with edge-case values. */
import { column, derive, entity, featureService, featureView, fileSource } from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import type { ColumnType } from '../../lib/definition/expression-data.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { compileFunction } from '../../lib/expression/compile-function.ts'
import { COLUMN_EDGES } from '../oracle/expression-values.ts'

const TYPES = Object.keys(COLUMN_EDGES) as ColumnType[]

const thing = featureView({
  name: 'thing',
  entities: [entity({ name: 'thing', joinKeys: { thing: 'string' } })],
  source: fileSource({ name: 'things', path: 'things.parquet', eventTimestamp: 'at' }),
  features: { known: 'bool' },
})
const echo = derive({
  name: 'echo',
  inputs: [thing],
  request: Object.fromEntries(TYPES.map(type => [`of_${type}`, type])),
  features: () =>
    Object.fromEntries([
      ...TYPES.map(type => [`echo_${type}`, column(`of_${type}`, type)] as const),
      ['is_unknown', column('known', 'bool').isNull()] as const,
    ]),
})

export const echoPlan = compile([featureService({ name: 'echo', features: [echo] })])

export interface EchoRow {
  readonly asked: Readonly<Record<string, Value>>
  readonly answered: Readonly<Record<string, Value>>
}

const LONGEST = Math.max(...TYPES.map(type => COLUMN_EDGES[type].length))

/** Without -0, which JSON.stringify writes as 0. */
export const ECHO_ROWS: readonly EchoRow[] = Array.from({ length: LONGEST }, (_, i) => {
  const values = TYPES.map((type): readonly [ColumnType, Value] => {
    const edges = COLUMN_EDGES[type].filter(value => !Object.is(value, -0))
    return [type, edges[i % edges.length] ?? null]
  })
  const answered = values.map(([type, value]) => {
    const compute = compileFunction({ op: 'column', name: 'a' }, { a: type })
    return [`echo_${type}`, compute({ a: value })] as const
  })
  return {
    asked: Object.fromEntries([
      ['thing', 'a'],
      ...values.map(([type, value]) => [`of_${type}`, value] as const),
    ]),
    answered: Object.fromEntries([...answered, ['is_unknown', true]]),
  }
})
