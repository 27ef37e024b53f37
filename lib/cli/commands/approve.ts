import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { approve as approveChange, withApproval } from '../../change/approvals.ts'
import { subjectText } from '../../change/change.ts'
import { StoreError } from '../../store-error.ts'
import { against, asJson, type DefineCommand } from '../arguments/shared-options.ts'
import { json, result } from '../print/print.ts'
import { loadLocked, refusing, writeLock } from '../project/project-lock.ts'
import { type Asked, differenceOf } from './plan.ts'

interface ApproveOptions {
  readonly project: string
  readonly against?: string
  /** @default git's user.email */
  readonly by?: string
  /** A file with an Ed25519 private key in PEM. @default the approval is not signed */
  readonly key?: string
  readonly json: boolean
}

/** Writes into the lock that somebody agrees to what has changed of a view or service. */
export async function approve(name: string, options: ApproveOptions): Promise<void> {
  const { asked } = await differenceOf(options)
  const change = changeOf(name, asked)
  const by = options.by ?? (await gitAddress(options.project))
  const key = options.key === undefined ? undefined : await keyText(options.key)
  const at = new Date().toISOString()
  const record = refusing(() => approveChange({ ...change, by, at, ...(key === undefined ? {} : { key }) }))
  const { lock } = await loadLocked(options.project)
  await writeLock(options.project, withApproval(lock, record))
  result(
    options.json
      ? json(record)
      : `${by} approves ${subjectText(change.of)} as of change ${change.change.slice(0, 12)}${record.signature === null ? '' : ', signed'}`,
  )
}

function changeOf(name: string, asked: readonly Asked[]): Asked {
  const found = asked.filter(({ of }) => of.name === name || subjectText(of) === name)
  if (found[0] !== undefined) return found[0]
  const names = asked.map(({ of }) => of.name).join(', ')
  throw new StoreError(
    'bad-argument',
    names === ''
      ? 'nothing that has approvers has changed; if the lock is written already, name what it is to be compared with, such as --against main'
      : `'${name}' has not changed, or has no approvers; to approve there are ${names}`,
  )
}

async function gitAddress(project: string): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['config', 'user.email'], { cwd: project }).catch(
    cause => {
      throw new StoreError(
        'bad-argument',
        '--by is missing, and git knows no user.email; name the approver with --by',
        { cause },
      )
    },
  )
  return stdout.trim()
}

const keyText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch(cause => {
    throw new StoreError('bad-argument', `--key: ${path} cannot be read: ${cause.message}`, { cause })
  })

export const registerApprove = (define: DefineCommand): void => {
  define('approve', 'Approve the changes of a view or service.')
    .argument('<view|service>', 'view@version, or a service')
    .addOption(against())
    .option('--by <approver>', "who approves (default: git's user.email)")
    .option('--key <file>', 'an Ed25519 private key in PEM, to sign with')
    .addOption(asJson())
    .action(approve)
}
