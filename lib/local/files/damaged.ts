/** The error for a damaged or missing file of the store: the path, the damage and the remedy. */
import { StoreError } from '../../store-error.ts'

export const OTHER_CONTENT = 'has other content than was written'

/** A file of the store is damaged or missing. */
export class DamagedFile extends StoreError {
  readonly path: string
  /** Such as `is missing`. */
  readonly what: string

  constructor(path: string, what: string, options?: ErrorOptions) {
    super(
      'store-damaged',
      `${path} ${what}; run quern repair: it sets what is damaged aside and says how to make it again`,
      options,
    )
    this.path = path
    this.what = what
  }
}

/** @param what the damage, such as `is missing` */
export const damaged = (path: string, what: string, cause?: unknown): DamagedFile =>
  new DamagedFile(path, what, { cause })
