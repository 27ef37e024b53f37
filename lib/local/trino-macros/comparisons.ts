/** Comparisons: types must be Athena's, and NaN is equal to nothing, nor less or greater. */
import { define, FLOATING, type Macro, ORDERED, ofPair } from './overloads.ts'

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
  define(
    'is_number',
    ...FLOATING.map(type => `(x ${type}) as (isnan(x) is not true)`),
    ...ORDERED.map(type => `(x ${type}) as true`),
  ),
  define('truth', '(x BOOLEAN) as x'),
  define(
    'like',
    '(x VARCHAR, p VARCHAR) as (x like p)',
    '(x VARCHAR, p VARCHAR, e VARCHAR) as (x like p escape e)',
  ),
]
