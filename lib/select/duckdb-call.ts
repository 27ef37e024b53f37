/** Functions of one row in DuckDB's words. */
import { duckdbFormat } from './date-format.ts'
import { condition, duckdbExpression } from './duckdb-text.ts'
import { macro, text, typedMacro } from './duckdb-words.ts'
import { FUNCTIONS } from './functions/index.ts'
import { duckdbReplacement } from './regular-expression.ts'
import type { Call, Expression } from './select-tree.ts'

export function duckdbCall(call: Call): string {
  const special = SPECIAL[call.name]
  if (special !== undefined) return special(call.args)
  const args = call.args.map(duckdbExpression)
  return FUNCTIONS.get(call.name)?.typed === true ? typedMacro(call.name, args) : macro(call.name, args)
}

/** Two at a time, from the left. */
const folded =
  (pair: (a: string, b: string) => string) =>
  (args: readonly Expression[]): string =>
    args.map(duckdbExpression).reduce(pair)

const over =
  (name: string) =>
  ([list, lambda]: readonly Expression[]): string =>
    lambda === undefined || list === undefined ? '' : `${name}(${duckdbExpression(list)}, ${duckdbExpression(lambda)})`

const literalOf = (found: Expression | undefined): string => (found?.kind === 'text' ? found.value : '')

const wordsOf = (found: Expression | undefined): readonly string[] => (found === undefined ? [] : [duckdbExpression(found)])

/** What is not called as a macro with its own arguments. */
const SPECIAL: Readonly<Record<string, (args: readonly Expression[]) => string>> = {
  concat: folded((a, b) => macro('concat', [a, b])),
  greatest: folded((a, b) => typedMacro('greatest', [a, b])),
  least: folded((a, b) => typedMacro('least', [a, b])),
  coalesce: args => `coalesce(${args.map(duckdbExpression).join(', ')})`,
  if: ([when, then, otherwise]) =>
    when === undefined || then === undefined
      ? ''
      : `case when ${condition(when)} then ${duckdbExpression(then)}${otherwise === undefined ? '' : ` else ${duckdbExpression(otherwise)}`} end`,
  try: args => `try(${args.map(duckdbExpression).join(', ')})`,
  current_date: () => `cast(current_timestamp at time zone 'UTC' as date)`,
  localtimestamp: () => `date_trunc('millisecond', current_timestamp at time zone 'UTC')`,
  transform: over('list_transform'),
  filter: over('list_filter'),
  any_match: args => macro('any_true', [over('list_transform')(args)]),
  all_match: args => macro('all_true', [over('list_transform')(args)]),
  none_match: args => `(not ${macro('any_true', [over('list_transform')(args)])})`,
  date_format: ([value, format]) => `strftime(${macro('instant', wordsOf(value))}, ${text(duckdbFormat(literalOf(format)))})`,
  date_parse: ([value, format]) => `strptime(${macro('varchar', wordsOf(value))}, ${text(duckdbFormat(literalOf(format)))})`,
  regexp_extract: ([value, pattern, group]) =>
    macro(`regexp_extract_${group?.kind === 'number' ? group.text : 0}`, [...wordsOf(value), text(literalOf(pattern))]),
  regexp_replace: ([value, pattern, replacement]) =>
    macro('regexp_replace', [
      ...wordsOf(value),
      text(literalOf(pattern)),
      text(duckdbReplacement(literalOf(replacement))),
    ]),
}
