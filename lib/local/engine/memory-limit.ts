/** DuckDB's memory limit: half of the memory that this process may use, which a container may limit. */
import { totalmem } from 'node:os'
import { StoreError } from '../../store-error.ts'

const MB = 1_000_000
const LEAST = 128 * MB
const MOST = 4_000 * MB

export interface Memory {
  /** Memory of the machine, in bytes. */
  readonly total: number
  /** Limit of the container, in bytes; 0: no limit. */
  readonly constrained: number
}

const memoryHere = (): Memory => ({ total: totalmem(), constrained: process.constrainedMemory() })

/**
 * @param wanted value of QUERN_MEMORY, such as `2GB`
 * @returns the limit in DuckDB's syntax
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
