import { describe, expect, it } from '@jest/globals'
import { CsvRecords, fieldText } from '../../../lib/offline/text/csv-records.ts'
import { JsonLines } from '../../../lib/offline/text/json-lines.ts'
import { csvCase, jsonLinesCase } from '../../oracle/generate-text.ts'
import { random } from '../../oracle/random.ts'

const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1)

interface Reader {
  readonly push: (chunk: Buffer) => void
  readonly end: () => void
}

/** What a reader reports for some bytes in chunks of this size, or its fault. */
function inParts(bytes: Buffer, size: number, open: (give: (told: unknown) => void) => Reader): unknown[] {
  const told: unknown[] = []
  try {
    const reader = open(one => told.push(one))
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
    reader.end()
  } catch (error) {
    told.push(String(error))
  }
  return told
}

const csv = (give: (told: unknown) => void): Reader =>
  new CsvRecords({
    onHeader: give,
    onRecord: record =>
      give([
        record.line,
        ...Array.from({ length: record.fields }, (_, i) => [record.quoted[i], fieldText(record, i)]),
      ]),
  })

const json = (give: (told: unknown) => void): Reader =>
  new JsonLines({
    names: [],
    onRecord: ({ bytes, members, columns, starts, ends, line }) =>
      give([
        line,
        ...Array.from({ length: members }, (_, i) => [
          columns[i],
          bytes.toString('utf8', starts[i], ends[i]),
        ]),
      ]),
  })

describe('a text reader', () => {
  it.each(SEEDS)('reports the same for any chunk size, seed %i', seed => {
    for (const [bytes, open] of [
      [csvCase(random(seed)).bytes, csv],
      [jsonLinesCase(random(seed)).bytes, json],
    ] as const) {
      const whole = inParts(bytes, bytes.length + 1, open)
      for (const size of [1, 2, 3, 7, 64]) expect(inParts(bytes, size, open)).toEqual(whole)
    }
  })
})
