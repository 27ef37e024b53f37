/** Compares the answers of quern and the peer, because a benchmark of wrong answers is void. */
import type { CompareResult } from './phases/compare.ts'

/** Values by feature, in the order of the customers asked for. */
export type Sample = Readonly<Record<string, readonly unknown[]>>

interface ServedAnswer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly unknown[]; readonly statuses: readonly string[] }[]
}

/** quern serves expired values as null; the peer serves them, so they are counted separately. */
interface Tally {
  readonly same: number
  readonly tooOld: number
  readonly different: number
}

function tally(answer: ServedAnswer, theirs: Sample): Tally {
  const counts = { same: 0, tooOld: 0, different: 0 }
  for (const [i, name] of answer.metadata.feature_names.entries()) {
    const { values = [], statuses = [] } = answer.results[i] ?? {}
    for (const [row, value] of values.entries()) {
      if (statuses[row] === 'OUTSIDE_MAX_AGE') counts.tooOld++
      else if (value === theirs[name]?.[row]) counts.same++
      else counts.different++
    }
  }
  return counts
}

/** @param ours the serving API's answer, as text */
export function compareSamples(ours: string, theirs: Sample): string {
  // Our own API's answer; its form is held by test/online.
  const { same, tooOld, different } = tally(JSON.parse(ours) as ServedAnswer, theirs)
  const due = Object.values(theirs).reduce((sum, values) => sum + values.length, 0)
  if (different > 0 || same === 0 || same + tooOld !== due)
    throw new Error(`online answers differ from the peer's in ${different} of ${due} values`)
  return `online: ${same} sampled values as the peer answers them, ${tooOld} older than their ttl, which the peer does not judge`
}

export function judgeTrainingSets({ rows, differing, present }: CompareResult): string {
  if (differing > 0 || present === 0)
    throw new Error(`training sets differ from the peer's in ${differing} of ${rows} rows`)
  return `training set: all ${rows.toLocaleString('en-US')} rows as the peer makes them, ${present.toLocaleString('en-US')} values`
}
