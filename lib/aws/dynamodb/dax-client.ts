/**
 * The client of a DAX cluster. environment.ts imports it only if a cluster is configured, because it is as large as
 * the rest of the serving function.
 */
import { Dax } from '@amazon-dax-sdk/client-dax'
import type { DaxClient } from './dax-reads.ts'

export interface DaxClientProps {
  /** The cluster's discovery endpoint, such as `dax://…` or, with TLS, `daxs://…`. */
  readonly endpoint: string
  readonly region: string
}

/** These time-outs only free resources: readers stop waiting earlier (dax-reads.ts). */
const TIMEOUTS = { connectTimeout: 1_000, requestTimeout: 1_000 }

/** Starts to discover the cluster's nodes at once. The client lives as long as its function and is never closed. */
export const daxClient = ({ endpoint, region }: DaxClientProps): DaxClient =>
  new Dax({ endpoint, region, maxRetries: 0, ...TIMEOUTS })
