/** A part of a SELECT differs between engines, or is not known to be portable. */
export class Refused extends Error {
  /** The refused text. */
  readonly got: string
  /** The portable replacement. */
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
