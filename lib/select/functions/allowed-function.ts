/** A function that has the same semantics on every engine. */
export interface AllowedFunction {
  /**
   * `varchar, bigint -> varchar`. `...` after the last type means one or more. T is any type, the same in the whole
   * signature.
   */
  readonly signatures: readonly string[]
  /** A note for readers of the reference. @default none */
  readonly note?: string
  /** Positions of arguments that must be literals, from 0. @default none */
  readonly literals?: readonly number[]
  /** Whether the last bits differ between engines, so that the call must be within `round(…)`. @default false */
  readonly rounded?: boolean
}

export type AllowedFunctions = Readonly<Record<string, AllowedFunction>>
