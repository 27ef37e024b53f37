/** Goldens: what the example store compiles to, committed and reviewed. UPDATE_GOLDEN=1 writes them anew. */
import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import * as flights from '../../definitions/flights.ts'

/** The example store's definitions. */
export const definitions: readonly unknown[] = Object.values(flights)

/** Holds plain data, or a text, against the file of that name. */
export function golden(name: string, actual: unknown): void {
  const file = new URL(name, import.meta.url)
  const text = typeof actual === 'string' ? actual : `${JSON.stringify(actual, null, 2)}\n`
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text)
  expect(text).toBe(readFileSync(file, 'utf8'))
}
