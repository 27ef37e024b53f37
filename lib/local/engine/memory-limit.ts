/** How much memory DuckDB may use for data: half of what this process may have, which a container may bound. */
import { totalmem } from 'node:os'
import { StoreError } from '../../store-error.ts'

const MB = 1_000_000
const LEAST = 128 * MB
const MOST = 4_000 * MB

export interface Memory {
  /** Of the machine, in bytes. */
  readonly total: number
  /** What a container allows, in bytes; 0: nothing is said. */
  readonly constrained: number
}

const memoryHere = (): Memory => ({ total: totalmem(), constrained: process.constrainedMemory() })

/**
 * @param wanted such as `2GB`, of the variable QUERN_MEMORY
 * @returns in DuckDB's words
 * @throws {StoreError} `bad-argument`
 */
export function memoryLimit(wanted: string | undefined, memory: Memory = memoryHere()): string {
  if (wanted !== undefined && wanted !== '') return asked(wanted)
  const { total, constrained } = memory
  const mine = constrained > 0 ? Math.min(total, constrained) : total
  return `${Math.floor(Math.min(MOST, Math.max(LEAST, mine / 2)) / MB)}MB`
}

function asked(wanted: string): string {
  if (/^[1-9]\d{0,6}(MB|GB)$/.test(wanted)) return wanted
  throw new StoreError(
    'bad-argument',
    `QUERN_MEMORY: '${wanted}' is not an amount of memory; write it as 512MB or 2GB`,
  )
}
