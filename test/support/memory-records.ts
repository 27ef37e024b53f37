/** A feature log in memory that can wait for records in progress. */
import { setImmediate as turn } from 'node:timers/promises'
import type { FeatureLog, FeatureLogLine, FeatureLogOutcome, FeatureLogReader } from '../../lib/runtime.ts'

export interface MemoryRecords extends FeatureLog, FeatureLogReader {
  readonly lines: FeatureLogLine[]
  readonly outcomes: FeatureLogOutcome[]
  readonly told: (service: string, outcome: FeatureLogOutcome) => void
  /** Waits until the given number of requests is reported. */
  readonly settled: (requests: number) => Promise<void>
}

export function memoryRecords(): MemoryRecords {
  const lines: FeatureLogLine[] = []
  const outcomes: FeatureLogOutcome[] = []
  return {
    lines,
    outcomes,
    told: (_, outcome) => void outcomes.push(outcome),
    append: async laid => void lines.push(...laid),
    read: async function* read(service) {
      for (const record of lines) if (record.service === service) yield record.line
    },
    settled: async requests => {
      while (outcomes.length < requests) await turn()
    },
  }
}
