/** A function that means the same on every engine. */
export interface AllowedFunction {
  /** `varchar, bigint -> varchar`; `...` behind the last type: one or more of it. T is any type of values, the same throughout. */
  readonly signatures: readonly string[]
  /** What a reader must know. @default nothing */
  readonly note?: string
  /** Positions of arguments that must be literals, from 0. @default none */
  readonly literals?: readonly number[]
  /** Engines differ in its last bits: it stands within `round(…)` only. @default false */
  readonly rounded?: boolean
}

export type AllowedFunctions = Readonly<Record<string, AllowedFunction>>
