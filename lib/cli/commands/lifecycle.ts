/** A version's life after it was defined: each command changes its state in the lock, and says who is concerned. */

import * as lifecycle from '../../change/lifecycle.ts'
import { type Lock, lifecycleOf, lockOf, lockText } from '../../change/lock.ts'
import { usersOf } from '../../change/lock-users.ts'
import { compile } from '../../compiler/compile.ts'
import type { Plan } from '../../plan/plan.ts'
import { microsOf } from '../../semantics/point-in-time.ts'
import { StoreError } from '../../store-error.ts'
import { instant, wholeNumber } from '../arguments/parsers.ts'
import { asJson, type DefineCommand, now } from '../arguments/shared-options.ts'
import { json, result } from '../print/print.ts'
import { loadLocked, refusing, writeLock } from '../project/project-lock.ts'
import { readersIn } from '../store/read-access-log.ts'

interface LifecycleOptions {
  readonly project: string
  /** Microseconds since 1970. @default the machine's clock */
  readonly now?: bigint
  readonly json: boolean
}

const nowOf = ({ now }: LifecycleOptions): bigint => now ?? microsOf(Date.now())

const dayOf = (micros: bigint): string => new Date(Number(micros / 1_000n)).toISOString().slice(0, 10)

interface DeprecateOptions extends LifecycleOptions {
  readonly until: bigint
  readonly message: string
}

export async function deprecate(key: string, options: DeprecateOptions): Promise<void> {
  const { exported, lock } = await loadLocked(options.project)
  const deprecated = { since: dayOf(nowOf(options)), until: dayOf(options.until), message: options.message }
  const next = refusing(() => lifecycle.deprecate(lock, key, deprecated))
  await writeLock(options.project, settled(exported, next))
  const users = usersOf(lockOf(planUnder(exported, next), null), key)
  const told = users.length === 0 ? 'nothing reads it' : `to be moved by then: ${users.join(', ')}`
  result(
    options.json
      ? json({ view: key, state: 'deprecated', ...deprecated, users })
      : `view ${key} is deprecated, until ${deprecated.until}; ${told}`,
  )
}

interface RetireOptions extends LifecycleOptions {
  readonly accessLog?: string
  readonly days: number
}

export async function retire(key: string, options: RetireOptions): Promise<void> {
  const { exported, lock } = await loadLocked(options.project)
  const plan = planUnder(exported, lock)
  const now = nowOf(options)
  const next = refusing(() => lifecycle.retire(lock, key, { plan, on: dayOf(now) }))
  if (options.accessLog !== undefined)
    await refuseRead(key, { ...options, path: options.accessLog, lock, now })
  await writeLock(options.project, settled(exported, next))
  const told = Object.hasOwn(plan.views, key)
    ? 'remove it from the definitions'
    : 'its name and version stay taken'
  result(
    options.json
      ? json({ view: key, state: 'retired', retired: dayOf(now) })
      : `view ${key} is retired; ${told}. Its table is kept; items online expire by their ttl, or go at once with quern purge ${key}`,
  )
}

interface Reading {
  readonly path: string
  readonly days: number
  readonly lock: Lock
  readonly now: bigint
}

async function refuseRead(key: string, { path, days, lock, now }: Reading): Promise<void> {
  const readers = await readersIn(path, { key, lock, from: now - BigInt(days) * 86_400_000_000n })
  if (readers.length === 0) return
  const told = readers.map(({ who, times, last }) => `${who} (${times} times, last ${last})`)
  throw new StoreError(
    'bad-argument',
    `view ${key} was read in the last ${days} days, says ${path}: ${told.join(', ')}`,
  )
}

export async function restore(key: string, options: LifecycleOptions): Promise<void> {
  const { exported, lock } = await loadLocked(options.project)
  const next = refusing(() => lifecycle.restore(lock, key))
  await writeLock(options.project, settled(exported, next))
  const told = Object.hasOwn(planUnder(exported, next).views, key)
    ? ''
    : '; put its definition back as it was'
  result(options.json ? json({ view: key, state: 'active' }) : `view ${key} is active again${told}`)
}

/** Versions that are retired count here, where the definitions still have them. */
const planUnder = (exported: readonly unknown[], lock: Lock): Plan =>
  compile(exported, { ...lifecycleOf(lock), retired: new Set() })

/** The lock with the hash of the plan that it makes, if definitions and lock agree in all else. */
function settled(exported: readonly unknown[], lock: Lock): Lock {
  const plan = planUnder(exported, lock)
  const agreed = { ...lockOf(plan, lock), plan: lock.plan }
  const isDefined = [...lifecycleOf(lock).retired].some(key => Object.hasOwn(plan.views, key))
  return !isDefined && lockText(agreed) === lockText(lock) ? { ...lock, plan: plan.hash } : lock
}

export const registerDeprecate = (define: DefineCommand): void => {
  define('deprecate', 'Announce the end of a version. It is served as before, with a notice.')
    .argument('<view@version>')
    .requiredOption('--until <day>', 'the day until which it is served at least', instant('--until'))
    .option('--message <text>', 'what to use instead', '')
    .addOption(now())
    .addOption(asJson())
    .action(deprecate)
}

export const registerRetire = (define: DefineCommand): void => {
  define('retire', 'Retire a version that nothing reads. Its table and its name are kept.')
    .argument('<view@version>')
    .option('--access-log <file>', 'JSON lines of the serving API: refuse if a client has read the version')
    .option('--days <number>', 'how many days of the access log count', wholeNumber('--days', 3_650), 30)
    .addOption(now())
    .addOption(asJson())
    .action(retire)
}

export const registerRestore = (define: DefineCommand): void => {
  define('restore', 'Withdraw a deprecation, or restore a retired version.')
    .argument('<view@version>')
    .addOption(asJson())
    .action(restore)
}
