/** What pushing some events took. */
import type { Units } from './metered-store.ts'

/** In the order of a round: new events, the same once more, and the same as rows of a plain view. */
export const SIDES = ['windows', 'again', 'rows'] as const
export type Side = (typeof SIDES)[number]

export interface PushRun extends Units {
  readonly side: Side | 'history'
  readonly events: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly databaseCpuSeconds: number
}
