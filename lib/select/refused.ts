/** Something of a SELECT has not the same meaning on every engine, or is not known to have. */
export class Refused extends Error {
  /** What stands there. */
  readonly got: string
  /** What says it in a portable way. */
  readonly instead: string
  /** Offset in the SQL. */
  readonly at: number

  constructor(got: string, instead: string, at: number) {
    super(`${got} is not portable; write ${instead}`)
    this.name = 'Refused'
    this.got = got
    this.instead = instead
    this.at = at
  }
}
