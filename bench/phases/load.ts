/** Sends requests to a server, each different from the one before, and records every response time. */
import autocannon from 'autocannon'
import { phase } from '../phase.ts'
import { cpuSecondsOf } from '../processes.ts'

export interface LoadInput {
  readonly url: string
  /** What is asked of each entity: a request's fields beside its entities. */
  readonly ask: object
  /** How many features that is. */
  readonly features: number
  /** Entities in a request. */
  readonly keys: number
  readonly entities: number
  readonly connections: number
  readonly seconds: number
  /** Processes whose CPU time is wanted. @default none */
  readonly pids?: readonly number[]
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** All answers, those of the warm-up included. */
  readonly answered: number
  /** Answers other than 200, and requests without an answer. */
  readonly failed: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of the processes, in their order, while the requests were answered that are counted. */
  readonly cpuSeconds: readonly number[]
}

const QUESTIONS = 500
const WARM_UP_SECONDS = 1

/** Keys far apart, the same in each run. */
const question = (i: number, { ask, keys, entities }: LoadInput): string =>
  JSON.stringify({
    ...ask,
    entities: { customer_id: Array.from({ length: keys }, (_, k) => ((i * keys + k) * 7_919) % entities) },
  })

interface Timed {
  /** Milliseconds, ascending. */
  readonly times: Float64Array
  readonly seconds: number
  readonly failed: number
}

async function shoot(input: LoadInput, seconds: number): Promise<Timed> {
  const times: number[] = []
  const run = autocannon({
    url: input.url,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    connections: input.connections,
    duration: seconds,
    requests: Array.from({ length: QUESTIONS }, (_, i) => ({ body: question(i, input) })),
  })
  run.on('response', (_client, _status, _bytes, ms) => void times.push(ms))
  const result = await run
  return {
    times: Float64Array.from(times).sort(),
    seconds: result.duration,
    failed: result.errors + result.non2xx,
  }
}

/** All values must be present, or the benchmark measures something else. */
async function check(input: LoadInput): Promise<void> {
  const response = await fetch(input.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: question(0, input),
  })
  const text = await response.text()
  const present = text.match(/"(PRESENT|NULL_VALUE|OUTSIDE_MAX_AGE)"/g)?.length ?? 0
  const missing = text.match(/"NOT_FOUND"/g)?.length ?? 0
  const joinKeys = 1
  if (!response.ok || missing > 0 || present !== input.keys * (input.features + joinKeys))
    throw new Error(`the server's answer is not whole (${response.status}): ${text.slice(0, 500)}`)
}

await phase<LoadInput>(async (input): Promise<LoadResult> => {
  await check(input)
  const warmUp = await shoot(input, WARM_UP_SECONDS)
  const spent = () => Promise.all((input.pids ?? []).map(cpuSecondsOf))
  const before = await spent()
  const { times, seconds, failed } = await shoot(input, input.seconds)
  const cpuSeconds = (await spent()).map((now, i) => now - (before[i] ?? 0))
  if (times.length === 0) throw new Error(`nothing was answered in ${input.seconds} s`)
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? Number.NaN
  return {
    requests: times.length,
    seconds,
    answered: warmUp.times.length + times.length + 1,
    failed: failed + warmUp.failed,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuSeconds,
  }
})
