/** The syntax tree of a SELECT. */
export type Name = string

/** A type in a cast: `decimal` with precision and scale, `timestamp` with its digits, `array` with its element. */
export interface SqlType {
  readonly name: Name
  readonly numbers: readonly number[]
  readonly element: SqlType | null
}

export interface Order {
  readonly by: Expression
  readonly descending: boolean
  readonly nulls: 'first' | 'last' | null
}

/** `unbounded preceding`, `current row`, or an expression with its direction. */
export interface Bound {
  readonly direction: 'preceding' | 'following' | 'current'
  /** Null: unbounded, or the current row. */
  readonly distance: Expression | null
}

export interface Frame {
  readonly unit: 'rows' | 'range' | 'groups'
  readonly start: Bound
  readonly end: Bound | null
}

export interface Window {
  /** A window of the WINDOW clause that it extends. */
  readonly base: Name | null
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly Order[]
  readonly frame: Frame | null
}

export interface Call {
  readonly kind: 'call'
  /** In lower case. */
  readonly name: Name
  readonly args: readonly Expression[]
  readonly distinct: boolean
  readonly orderBy: readonly Order[]
  readonly filter: Expression | null
  readonly ignoresNulls: boolean
  readonly over: Window | null
  readonly at: number
}

export interface Binary {
  readonly kind: 'binary'
  readonly op: BinaryOp
  readonly left: Expression
  readonly right: Expression
}

export const ARITHMETIC = ['+', '-', '*', '/', '%'] as const
export const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='] as const
export type Arithmetic = (typeof ARITHMETIC)[number]
export type Comparison = (typeof COMPARISONS)[number]
export type BinaryOp =
  | Arithmetic
  | Comparison
  | '||'
  | 'and'
  | 'or'
  | 'is distinct from'
  | 'is not distinct from'

export type Expression =
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'constant'; readonly value: 'null' | 'true' | 'false' }
  | {
      readonly kind: 'instant'
      readonly type: 'date' | 'timestamp'
      readonly value: string
      readonly at: number
    }
  | { readonly kind: 'interval'; readonly value: string; readonly unit: IntervalUnit; readonly at: number }
  | { readonly kind: 'column'; readonly path: readonly Name[]; readonly at: number }
  | { readonly kind: 'star' }
  | { readonly kind: 'unary'; readonly op: '-' | '+' | 'not'; readonly of: Expression }
  | Binary
  | { readonly kind: 'is null'; readonly of: Expression; readonly not: boolean }
  | {
      readonly kind: 'between'
      readonly of: Expression
      readonly low: Expression
      readonly high: Expression
      readonly not: boolean
    }
  | {
      readonly kind: 'in list'
      readonly of: Expression
      readonly list: readonly Expression[]
      readonly not: boolean
    }
  | { readonly kind: 'in query'; readonly of: Expression; readonly query: Query; readonly not: boolean }
  | {
      readonly kind: 'like'
      readonly of: Expression
      readonly pattern: Expression
      readonly escape: Expression | null
      readonly not: boolean
      readonly at: number
    }
  | { readonly kind: 'exists'; readonly query: Query }
  | { readonly kind: 'subquery'; readonly query: Query }
  | {
      readonly kind: 'case'
      readonly of: Expression | null
      readonly whens: readonly { readonly when: Expression; readonly result: Expression }[]
      readonly otherwise: Expression | null
    }
  | {
      readonly kind: 'cast'
      readonly of: Expression
      readonly type: SqlType
      readonly isTry: boolean
      readonly at: number
    }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'subscript'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'lambda'; readonly parameters: readonly Name[]; readonly body: Expression }
  | Call

export const INTERVAL_UNITS = ['second', 'minute', 'hour', 'day', 'month', 'year'] as const
export type IntervalUnit = (typeof INTERVAL_UNITS)[number]

export type Item =
  | { readonly kind: 'expression'; readonly value: Expression; readonly alias: Name | null }
  | AllItem

/** `*` or `table.*` */
export interface AllItem {
  readonly kind: 'all'
  readonly of: Name | null
  readonly at: number
}

export interface Alias {
  readonly name: Name
  readonly columns: readonly Name[]
}

export type Relation =
  | {
      readonly kind: 'table'
      readonly path: readonly Name[]
      readonly alias: Alias | null
      readonly at: number
    }
  | { readonly kind: 'query'; readonly query: Query; readonly lateral: boolean; readonly alias: Alias | null }
  | {
      readonly kind: 'unnest'
      readonly arrays: readonly Expression[]
      readonly ordinality: boolean
      readonly alias: Alias | null
      readonly at: number
    }
  | {
      readonly kind: 'join'
      readonly type: 'inner' | 'left' | 'right' | 'full' | 'cross'
      readonly left: Relation
      readonly right: Relation
      readonly on: Expression | null
      readonly using: readonly Name[]
    }

export type GroupBy =
  | { readonly kind: 'simple'; readonly by: Expression }
  | {
      readonly kind: 'rollup' | 'cube' | 'grouping sets'
      readonly sets: readonly (readonly Expression[])[]
    }

export interface Select {
  readonly kind: 'select'
  readonly distinct: boolean
  readonly items: readonly Item[]
  readonly from: readonly Relation[]
  readonly where: Expression | null
  readonly groupBy: readonly GroupBy[]
  readonly having: Expression | null
  readonly windows: readonly { readonly name: Name; readonly window: Window }[]
}

export type Body =
  | Select
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expression[])[] }
  | {
      readonly kind: 'set'
      readonly op: 'union' | 'intersect' | 'except'
      readonly all: boolean
      readonly left: Body
      readonly right: Body
    }
  | { readonly kind: 'nested'; readonly query: Query }

export interface Query {
  readonly with: readonly { readonly name: Name; readonly columns: readonly Name[]; readonly query: Query }[]
  readonly body: Body
  readonly orderBy: readonly Order[]
  readonly offset: string | null
  readonly limit: string | null
  readonly at: number
}
