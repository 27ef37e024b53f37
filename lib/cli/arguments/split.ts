import type { Split } from '../../offline/training-set/split.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { StoreError } from '../../store-error.ts'
import { parseInstant } from './instant.ts'

const wrong = (text: string, what: string): StoreError =>
  new StoreError(
    'bad-argument',
    `--split: '${text}' ${what}; write time=0.8,0.1,0.1, time=2013-10-01,2013-11-01, entity=0.8,0.2 or random=0.9,0.1`,
  )

/**
 * Reads how a training set is parted: into train and test, or train, validation and test.
 * @param text `time=`, `entity=` or `random=` and the parts' shares; for time also the instants at which they part
 */
export function parseSplit(text: string, seed: number): Split {
  const [, by = '', list = ''] = /^(time|entity|random)=(.+)$/.exec(text) ?? []
  if (by === '') throw wrong(text, 'names neither time, entity nor random')
  const parts = list.split(',').map(part => part.trim())
  if (by === 'time' && parts.some(part => part.includes('-')))
    return { by: 'instants', instants: instantsOf(text, parts) }
  const shares = parts.map(Number)
  const total = shares.reduce((sum, share) => sum + share, 0)
  if (shares.length < 2 || shares.length > 3) throw wrong(text, 'has not two or three shares')
  if (!shares.every(share => share > 0)) throw wrong(text, 'has a share that is no number above 0')
  if (Math.abs(total - 1) > 1e-9) throw wrong(text, `has shares that make ${total} in all, not 1`)
  return by === 'time' ? { by, shares } : { by: by as 'entity' | 'random', shares, seed }
}

function instantsOf(text: string, parts: readonly string[]): readonly Micros[] {
  const instants = parts.map(part => parseInstant(part, '--split'))
  if (instants.length > 2) throw wrong(text, 'has more than two instants')
  if (instants[1] !== undefined && instants[0] !== undefined && instants[1] <= instants[0])
    throw wrong(text, 'has its instants in another order than that of time')
  return instants
}
