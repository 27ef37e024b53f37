/** A project's lock on disk and in git, and the plan that its definitions make under it. */
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ApprovalError } from '../../change/approvals.ts'
import { LifecycleError } from '../../change/lifecycle.ts'
import { type Lock, LockError, lifecycleOf, lockText, parseLock } from '../../change/lock.ts'
import { compile } from '../../compiler/compile.ts'
import type { Plan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import { loadDefinitions } from './load-definitions.ts'
import { commitOf, git } from './project-git.ts'

/** From the project's folder. */
export const LOCK = join('definitions', 'quern.lock.json')

/** Null: there is none yet. @throws {StoreError} `lock-unreadable` */
export async function readLock(project: string): Promise<Lock | null> {
  const path = resolve(project, LOCK)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return text === null ? null : parsed(text, path)
}

function parsed(text: string, where: string): Lock {
  try {
    return parseLock(text, where)
  } catch (cause) {
    if (!(cause instanceof LockError)) throw cause
    throw new StoreError('lock-unreadable', cause.message, { cause })
  }
}

/** Whole or not at all: a lock cut short would be no lock. */
export async function writeLock(project: string, lock: Lock): Promise<void> {
  const path = resolve(project, LOCK)
  await writeFile(`${path}.new`, lockText(lock))
  await rename(`${path}.new`, path)
}

/** What the definitions that a project exports mean, under its lock. @throws {CompileError} */
export const compileLocked = async (project: string, exported: readonly unknown[]): Promise<Plan> =>
  compile(exported, lifecycleOf(await readLock(project)))

export interface LockedProject {
  /** What the definition modules export. */
  readonly exported: readonly unknown[]
  readonly plan: Plan
  readonly lock: Lock | null
}

export async function loadProject(project: string): Promise<LockedProject> {
  const [exported, lock] = await Promise.all([loadDefinitions(project), readLock(project)])
  return { exported, plan: compile(exported, lifecycleOf(lock)), lock }
}

/** A project that must have a lock. @throws {StoreError} `bad-argument` */
export async function loadLocked(
  project: string,
): Promise<{ readonly exported: readonly unknown[]; readonly lock: Lock }> {
  const [exported, lock] = await Promise.all([loadDefinitions(project), readLock(project)])
  if (lock !== null) return { exported, lock }
  throw new StoreError(
    'bad-argument',
    `there is no ${LOCK} in ${resolve(project)}; write it with quern plan --write`,
  )
}

/**
 * The lock to compare with: a file, or the lock of a commit; null where that commit had none.
 * @throws {StoreError} `bad-argument` if it is neither
 */
export async function lockAgainst(project: string, against: string): Promise<Lock | null> {
  if (await isFile(against)) return parsed(await readFile(against, 'utf8'), against)
  if ((await commitOf(project, against)) === null)
    throw new StoreError(
      'bad-argument',
      `--against: '${against}' is neither a file nor a commit of the project's git repository`,
    )
  return lockAt(project, against)
}

/** Does `--against` name a file, which goes before a commit of that name? */
export const isFile = (against: string): Promise<boolean> =>
  stat(against).then(
    found => found.isFile(),
    () => false,
  )

/** The lock of a commit; null where it had none. */
export async function lockAt(project: string, commit: string): Promise<Lock | null> {
  const blob = `${commit}:./${LOCK.replaceAll('\\', '/')}`
  const found = await git(project, ['cat-file', '-e', '--end-of-options', blob]).then(
    () => true,
    () => false,
  )
  return found ? parsed(await git(project, ['show', '--end-of-options', blob]), blob) : null
}

/** Does what the pure rooms may refuse, and tells a refusal as the command line does. */
export function refusing<T>(act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (!(cause instanceof LifecycleError || cause instanceof ApprovalError)) throw cause
    throw new StoreError('bad-argument', cause.message, { cause })
  }
}
