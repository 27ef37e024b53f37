/** Compiles each operator to SQL that the engines share, or to SQL of the dialect. */
import type { ExpressionType, Operator } from '../definition/expression-data.ts'
import type { Dialect } from '../sql/dialect.ts'
import { EXPRESSION_DIALECTS, type ExpressionDialect } from './sql-dialects.ts'

/** An operation whose arguments are SQL text. */
export interface SqlOperation {
  readonly dialect: Dialect
  readonly args: readonly string[]
  /** The type of the operation's arguments. */
  readonly operand: ExpressionType
}

type Sql = (operation: SqlOperation) => string
type Arguments = readonly [string, string, string]

const A_TO_Z = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
/** Longer than any text. Engines accept no greater position. */
const MAX_POSITION = 2_147_483_647

const inWords =
  (words: (says: ExpressionDialect, args: Arguments, operation: SqlOperation) => string): Sql =>
  operation => {
    const [a = '', b = '', c = ''] = operation.args
    return words(EXPRESSION_DIALECTS[operation.dialect.name], [a, b, c], operation)
  }

const infix = (operator: string): Sql => inWords((_, [a, b]) => `(${a} ${operator} ${b})`)
const call =
  (name: string): Sql =>
  ({ args }) =>
    `${name}(${args.join(', ')})`

/** A cast to a type. */
const cast = (type: ExpressionType): Sql =>
  inWords((_, [a], { dialect }) => `cast(${a} as ${dialect.scalarType(type)})`)

const arithmetic = (operator: '+' | '-' | '*'): Sql =>
  inWords((says, [a, b], { operand }) =>
    operand === 'int64' ? says.exact(a, operator, b) : says.finite(`${a} ${operator} ${b}`),
  )

const sign = (name: '-' | 'abs'): Sql =>
  inWords((says, [a], { operand }) => (operand === 'int64' ? says.exactOf(name, a) : `(${name}(${a}))`))

/** The winning argument, or the first one if they are equal; null if one is null. */
const extreme = (wins: '<' | '>'): Sql =>
  inWords((says, [a, b]) =>
    says.bind(
      [a, b],
      ([x, y]) => `case when ${y} ${wins} ${x} then ${y} when ${y} is not null then ${x} end`,
    ),
  )

const position = (name: string | undefined): string =>
  `case when ${name} > ${MAX_POSITION} then ${MAX_POSITION} else ${name} end`

const substring: Sql = inWords((says, args) =>
  says.bind(
    args,
    ([text, start, length]) =>
      `case when ${start} >= 1 and ${length} >= 0 then substring(${text}, ${position(start)}, ${position(length)}) end`,
  ),
)

const choice: Sql = ({ args }) => {
  const cases = Array.from(
    { length: (args.length - 1) / 2 },
    (_, i) => `when ${args[2 * i]} then ${args[2 * i + 1]}`,
  )
  return `case ${cases.join(' ')} else ${args.at(-1)} end`
}

export const SQL_OPERATORS: Readonly<Record<Operator, Sql>> = {
  plus: arithmetic('+'),
  minus: arithmetic('-'),
  times: arithmetic('*'),
  dividedBy: inWords((says, [a, b]) => says.finite(`${a} / ${b}`)),
  negated: sign('-'),
  abs: sign('abs'),
  floor: call('floor'),
  ceil: call('ceil'),
  round: inWords((_, [a], { dialect }) => `floor(${a} + cast('0.5' as ${dialect.scalarType('float64')}))`),
  sqrt: inWords((says, [a]) => says.bind([a], ([x]) => `case when ${x} >= 0 then sqrt(${x}) end`)),
  least: extreme('<'),
  greatest: extreme('>'),
  equals: infix('='),
  notEquals: infix('<>'),
  lessThan: infix('<'),
  atMost: infix('<='),
  greaterThan: infix('>'),
  atLeast: infix('>='),
  and: infix('and'),
  or: infix('or'),
  not: inWords((_, [a]) => `(not ${a})`),
  isNull: inWords((_, [a]) => `(${a} is null)`),
  orElse: call('coalesce'),
  when: choice,
  length: call('length'),
  lower: inWords((_, [a]) => `translate(${a}, '${A_TO_Z}', '${A_TO_Z.toLowerCase()}')`),
  upper: inWords((_, [a]) => `translate(${a}, '${A_TO_Z.toLowerCase()}', '${A_TO_Z}')`),
  concat: infix('||'),
  substring,
  startsWith: call('starts_with'),
  contains: inWords((says, [a, b]) => says.contains(a, b)),
  year: inWords((says, [a]) => says.year(a)),
  month: call('month'),
  day: call('day'),
  hour: call('hour'),
  minute: call('minute'),
  second: call('second'),
  dayOfWeek: inWords((says, [a]) => says.dayOfWeek(a)),
  dayOfYear: inWords((says, [a]) => says.dayOfYear(a)),
  secondsSince: inWords((says, [a, b], { dialect }) => {
    const float = dialect.scalarType('float64')
    return `(cast(${says.millisBetween(b, a)} as ${float}) / cast('1000' as ${float}))`
  }),
  toFloat: cast('float64'),
  toInt: inWords((_, [a], { dialect, operand }) => {
    const int = dialect.scalarType('int64')
    return operand === 'float64' ? `try_cast(floor(${a}) as ${int})` : `cast(${a} as ${int})`
  }),
  toText: cast('string'),
}
