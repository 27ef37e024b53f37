import type { LocalStoreOptions } from '../store/local-store.ts'

/** Options that most commands have. */
export interface CommonOptions {
  readonly project: string
  /** An environment's name. @default the store on this machine */
  readonly env?: string
  /** Microseconds since 1970. */
  readonly now?: bigint
  readonly json: boolean
}

export const storeOptions = ({
  project,
  now,
}: Pick<CommonOptions, 'project' | 'now'>): LocalStoreOptions => ({
  project,
  ...(now === undefined ? {} : { now: Number(now / 1_000n) }),
})
