/** Recorded answers in memory, and the wait for those that are on their way. */
import { setImmediate as turn } from 'node:timers/promises'
import type { RecordedAnswers, RecordedLine, RecordedLines, RecordOutcome } from '../lib/runtime.ts'

export interface MemoryRecords extends RecordedAnswers, RecordedLines {
  readonly lines: RecordedLine[]
  readonly outcomes: RecordOutcome[]
  readonly told: (service: string, outcome: RecordOutcome) => void
  /** Waits until so many requests were told of. */
  readonly settled: (requests: number) => Promise<void>
}

export function memoryRecords(): MemoryRecords {
  const lines: RecordedLine[] = []
  const outcomes: RecordOutcome[] = []
  return {
    lines,
    outcomes,
    told: (_, outcome) => void outcomes.push(outcome),
    lay: async laid => void lines.push(...laid),
    read: async function* read(service) {
      for (const record of lines) if (record.service === service) yield record.line
    },
    settled: async requests => {
      while (outcomes.length < requests) await turn()
    },
  }
}
