/**
 * The client of a DAX cluster. Imported only where there is one (environment.ts), for it weighs as much as all the rest
 * of the serving function.
 */
import { Dax } from '@amazon-dax-sdk/client-dax'
import type { DaxClient } from './dax-reads.ts'

export interface DaxClientProps {
  /** The cluster's discovery endpoint, such as `dax://…` or, with TLS, `daxs://…`. */
  readonly endpoint: string
  readonly region: string
}

/** Its own time-outs only free what is no longer waited for: a reader waits less (dax-reads.ts). */
const TIMEOUTS = { connectTimeout: 1_000, requestTimeout: 1_000 }

/** Begins to look for the cluster's nodes at once, and does not end, as little as the function that holds it. */
export const daxClient = ({ endpoint, region }: DaxClientProps): DaxClient =>
  new Dax({ endpoint, region, maxRetries: 0, ...TIMEOUTS })
