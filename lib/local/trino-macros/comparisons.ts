/** Comparisons: only the types that Athena accepts; NaN is neither equal to, less than nor greater than any value. */
import { define, failing, type Macro, ofPair } from './overloads.ts'

const EITHER_NAN = '((isnan(a) and b is not null) or (isnan(b) and a is not null))'

const comparison = (name: string, op: string): Macro =>
  define(name, ...ofPair(`(a ${op} b)`, `case when ${EITHER_NAN} then ${op === '<>'} else a ${op} b end`))

export const COMPARISONS: readonly Macro[] = [
  comparison('equal', '='),
  comparison('unequal', '<>'),
  comparison('less', '<'),
  comparison('at_most', '<='),
  comparison('greater', '>'),
  comparison('at_least', '>='),
  define('distinct_from', ...ofPair('(a is distinct from b)', '(a is distinct from b)')),
  define('not_distinct_from', ...ofPair('(a is not distinct from b)', '(a is not distinct from b)')),
  define('comparable', ...ofPair('true', 'true')),
  define('truth', '(x BOOLEAN) as x'),
  define(
    'like',
    '(x VARCHAR, p VARCHAR) as (x like p)',
    `(x VARCHAR, p VARCHAR, e VARCHAR) as case when contains(replace(replace(replace(p, e || e, ''), e || '%', ''), e || '_', ''), e) then ${failing('like: a letter of escape stands before %, _ or itself alone')} else x like p escape e end`,
  ),
]
