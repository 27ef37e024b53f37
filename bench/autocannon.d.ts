/** What is used of autocannon 9; it has no types of its own. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events'

  interface Options {
    readonly url: string
    readonly method: 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly connections: number
    /** Seconds. */
    readonly duration: number
    /** Asked in turn by each connection. */
    readonly requests: readonly { readonly body: string }[]
  }
  interface Result {
    /** Seconds. */
    readonly duration: number
    readonly errors: number
    readonly non2xx: number
  }
  /** A run under way; emits `response` with client, status code, bytes and milliseconds. */
  export default function autocannon(options: Options): EventEmitter & PromiseLike<Result>
}
