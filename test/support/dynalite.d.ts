/** The parts of dynalite 4 and level 10 that tests use; neither package has types. */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  interface DynaliteOptions {
    /** Folder of the LevelDB store. @default in memory */
    readonly path?: string
    readonly createTableMs?: number
    readonly deleteTableMs?: number
    readonly updateTableMs?: number
  }
  /** A DynamoDB server that does not listen yet. Closing it also closes its store. */
  export default function dynalite(options?: DynaliteOptions): Server
}
