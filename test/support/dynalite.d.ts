/** What is used of dynalite 4 and of level 10 beneath it; neither has types of its own here. */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  interface DynaliteOptions {
    /** Folder of the LevelDB store. @default in memory */
    readonly path?: string
    readonly createTableMs?: number
    readonly deleteTableMs?: number
    readonly updateTableMs?: number
  }
  /** A DynamoDB server that does not listen yet. Closing it closes its store. */
  export default function dynalite(options?: DynaliteOptions): Server
}
