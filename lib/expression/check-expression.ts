/** Checks an expression: returns its type, or all of its problems. */
import {
  EXPRESSION_TYPES,
  type Expression,
  type ExpressionType,
  WIDENED,
} from '../definition/expression-data.ts'
import { parseType, type ValueType } from '../definition/value-types.ts'
import { canonicalForm } from './canonical-form.ts'
import { LITERALS, literalValue } from './literal-value.ts'
import { SIGNATURES } from './operators.ts'
import type { TypedExpression } from './typed-expression.ts'

/** Types of the columns that an expression may refer to, by name. */
export type Columns = Readonly<Record<string, ValueType>>

/** A problem in an expression. */
export interface ExpressionDiagnostic {
  /** The operator, `column` or `literal`. */
  readonly operator: string
  readonly got: string
  readonly takes: string
}

export type Checked =
  | {
      readonly type: ExpressionType
      /** The expression in the canonical form of plans. */
      readonly expression: Expression
      readonly mistakes?: never
    }
  | { readonly mistakes: readonly ExpressionDiagnostic[] }

/** Limits the nesting, because engines limit it too. */
export const MAX_DEPTH = 100
/** Limits the number of operators, columns and literals in an expression. */
export const MAX_NODES = 2_000

interface Checking {
  readonly columns: Columns
  readonly mistakes: ExpressionDiagnostic[]
  nodes: number
}

/** Returns the type or all problems. Accepts any value, because plain JavaScript may pass any value. */
export function checkExpression(expression: unknown, columns: Columns): Checked {
  const { typed, mistakes } = check(expression, columns)
  // The checked value has the form of an expression, but may have additional fields.
  return typed === null
    ? { mistakes }
    : { type: typed.type, expression: canonicalForm(expression as Expression) }
}

/** An expression that the check has accepted, with its types. */
export function typedExpression(expression: Expression, columns: Columns): TypedExpression {
  const { typed, mistakes } = check(expression, columns)
  if (typed === null) throw new TypeError(`an expression that was not checked: ${JSON.stringify(mistakes)}`)
  return typed
}

function check(expression: unknown, columns: Columns) {
  const checking: Checking = { columns, mistakes: [], nodes: 0 }
  const typed = visit(expression, 1, checking)
  return { typed: checking.mistakes.length === 0 ? typed : null, mistakes: checking.mistakes }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Null: it has problems, which are added to the list. */
function visit(node: unknown, depth: number, checking: Checking): TypedExpression | null {
  checking.nodes++
  const op = isRecord(node) ? node['op'] : undefined
  if (!isRecord(node) || typeof op !== 'string')
    return wrong(checking, 'expression', kindOf(node), 'an expression')
  if (depth > MAX_DEPTH)
    return tooLarge(checking, op, `${MAX_DEPTH} operators, one within the other, at most`)
  if (checking.nodes > MAX_NODES)
    return tooLarge(checking, op, `${MAX_NODES} operators, columns and literals at most`)
  if (op === 'column') return columnOf(node['name'], checking)
  if (op === 'literal') return literalOf(node['type'], node['value'], checking)
  return operation(op, node['args'], depth, checking)
}

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value)

/** An object may have no text representation. */
const show = (value: unknown): string => (typeof value === 'object' ? kindOf(value) : String(value))

function wrong(checking: Checking, operator: string, got: string, takes: string): null {
  checking.mistakes.push({ operator, got, takes })
  return null
}

/** Added once, even if several nodes exceed the limit. */
function tooLarge(checking: Checking, op: string, takes: string): null {
  const isReported = checking.mistakes.some(mistake => mistake.takes === takes)
  return isReported ? null : wrong(checking, op, 'a larger expression', takes)
}

function columnOf(name: unknown, checking: Checking): TypedExpression | null {
  const { columns } = checking
  if (typeof name !== 'string' || !Object.hasOwn(columns, name))
    return wrong(checking, 'column', show(name), `one of ${Object.keys(columns).sort().join(', ') || 'none'}`)
  const type = columns[name] ?? ''
  const shape = parseType(type)
  const from = shape?.kind === 'scalar' && shape.scalar !== 'bytes' ? shape.scalar : null
  if (from === null) return wrong(checking, 'column', `${name} of type ${type}`, COLUMN_TYPES)
  return { op: 'column', name, from, type: WIDENED[from] }
}

const COLUMN_TYPES = `a column of type ${Object.entries(WIDENED)
  .flatMap(([type, widened]) => (widened === null ? [] : [type]))
  .join(', ')}`

const isType = (type: unknown): type is ExpressionType => EXPRESSION_TYPES.some(known => known === type)

function literalOf(type: unknown, value: unknown, checking: Checking): TypedExpression | null {
  if (!isType(type)) return wrong(checking, 'literal', show(type), EXPRESSION_TYPES.join(', '))
  const found = literalValue(type, value)
  if (found === undefined) return wrong(checking, 'literal', `${type} ${show(value)}`, LITERALS[type])
  return { op: 'literal', type, value: found }
}

const isOperator = (op: string): op is keyof typeof SIGNATURES => Object.hasOwn(SIGNATURES, op)

function operation(op: string, args: unknown, depth: number, checking: Checking): TypedExpression | null {
  if (!isOperator(op)) return wrong(checking, op, 'no operator', Object.keys(SIGNATURES).join(', '))
  if (!Array.isArray(args)) return wrong(checking, op, kindOf(args), SIGNATURES[op].takes)
  const found = args.map(arg => visit(arg, depth + 1, checking))
  const known = found.filter(arg => arg !== null)
  if (known.length < found.length) return null
  const types = known.map(arg => arg.type)
  const application = SIGNATURES[op].apply(types)
  if (application === null)
    return wrong(checking, op, types.join(', ') || 'no arguments', SIGNATURES[op].takes)
  const { operands, result } = application
  return { op, type: result, args: known.map((arg, i) => widened(arg, operands[i])) }
}

const widened = (arg: TypedExpression, type: ExpressionType | undefined): TypedExpression =>
  type === 'float64' && arg.type === 'int64' ? { op: 'toFloat', type, args: [arg] } : arg
