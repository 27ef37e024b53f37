/** Translates scalar functions to DuckDB. */
import { duckdbFormat, parsedPattern } from '../date-format.ts'
import { duckdbReplacement } from '../regular-expression.ts'
import type { Call, Expression } from '../select-tree.ts'
import { commonType } from '../types/engine-type.ts'
import type { Types } from '../types/infer-types.ts'
import { condition, duckdbExpression, typed } from './duckdb-text.ts'
import { constant, type Typed, text, typedMacro } from './duckdb-words.ts'

/** The arguments of a call. The checker has verified their number. */
interface Arguments {
  readonly all: readonly Expression[]
  readonly at: (position: number) => Typed
  readonly literal: (position: number) => string
  readonly types: Types
}

export function duckdbCall(call: Call, types: Types): string {
  const args: Arguments = {
    all: call.args,
    types,
    at: position => typed(call.args[position] ?? { kind: 'constant', value: 'null' }, types),
    literal: position => {
      const found = call.args[position]
      return found?.kind === 'text' ? found.value : found?.kind === 'number' ? found.text : ''
    },
  }
  const special = SPECIAL[call.name]
  return special === undefined ? typedMacro(call.name, typedAll(args)) : special(args)
}

const typedAll = ({ all, types }: Arguments): readonly Typed[] => all.map(each => typed(each, types))

/** Applies a two-argument macro from the left. */
const folded =
  (name: string) =>
  (args: Arguments): string =>
    typedAll(args).reduce((a, b) => ({ sql: typedMacro(name, [a, b]), type: commonType(a.type, b.type) })).sql

const over = (name: string, { at }: Arguments): string => `${name}(${at(0).sql}, ${at(1).sql})`

const matches = (name: string, args: Arguments): string =>
  typedMacro(name, [{ sql: over('list_transform', args), type: 'BOOLEAN[]' }])

const patterned = (name: string, { at, literal }: Arguments, ...more: readonly Typed[]): string =>
  typedMacro(name, [at(0), constant(text(literal(1))), ...more])

/** Functions that are not a macro call with the same arguments. */
const SPECIAL: Readonly<Record<string, (args: Arguments) => string>> = {
  concat: folded('concat'),
  greatest: folded('greatest'),
  least: folded('least'),
  coalesce: args =>
    `coalesce(${typedAll(args)
      .map(({ sql }) => sql)
      .join(', ')})`,
  concat_ws: args =>
    `concat_ws(${typedAll(args)
      .map(({ sql }) => sql)
      .join(', ')})`,
  if: ({ all: [when, then, otherwise], types }) =>
    when === undefined || then === undefined
      ? ''
      : `case when ${condition(when, types)} then ${duckdbExpression(then, types)}${otherwise === undefined ? '' : ` else ${duckdbExpression(otherwise, types)}`} end`,
  current_date: () => "cast(current_timestamp at time zone 'UTC' as date)",
  localtimestamp: () => "date_trunc('millisecond', current_timestamp at time zone 'UTC')",
  transform: args => over('list_transform', args),
  filter: args => over('list_filter', args),
  any_match: args => matches('any_true', args),
  all_match: args => matches('all_true', args),
  none_match: args => `(not ${matches('any_true', args)})`,
  // DuckDB's parser has a built-in function with this name.
  date: ({ at }) => typedMacro('to_date', [at(0)]),
  date_format: ({ at, literal }) =>
    `strftime(${typedMacro('instant', [at(0)])}, ${text(duckdbFormat(literal(1)))})`,
  date_parse: ({ at, literal }) =>
    `strptime(${typedMacro('digits', [at(0), constant(text(parsedPattern(literal(1))))])}, ${text(duckdbFormat(literal(1)))})`,
  regexp_like: args => patterned('regexp_like', args),
  regexp_extract: args => patterned(`regexp_extract_${args.literal(2) || '0'}`, args),
  regexp_extract_all: args => patterned('regexp_extract_all', args),
  regexp_replace: args =>
    patterned('regexp_replace', args, constant(text(duckdbReplacement(args.literal(2))))),
}
