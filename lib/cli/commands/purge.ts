import { lifecycleOf } from '../../change/lock.ts'
import { StoreError } from '../../store-error.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { asJson, type DefineCommand, env } from '../arguments/shared-options.ts'
import { count, json, result, step } from '../print/print.ts'
import { loadLocked } from '../project/project-lock.ts'
import { openStore } from '../store/store.ts'

/** Only of a version that the lock knows as retired: of any other, a run would miss what is gone. */
export async function purge(key: string, options: CommonOptions): Promise<void> {
  const { lock } = await loadLocked(options.project)
  if (!lifecycleOf(lock).retired.has(key))
    throw new StoreError('bad-argument', `view ${key} is not retired; retire it first: quern retire ${key}`)
  await using store = await openStore(options, { anyPlan: true })
  await using online = await store.openOnline()
  const removed = await step(
    `purge ${key}`,
    note => online.online.remove(key, done => note(`${count(done)} items removed`)),
    done => `${count(done)} items removed`,
  )
  result(
    options.json
      ? json({ view: key, removed })
      : `${count(removed)} items of ${key} are gone from the online store; its table is kept`,
  )
}

export const registerPurge = (define: DefineCommand): void => {
  define('purge', "Remove a retired version's items from the online store. Its table is kept.")
    .argument('<view@version>')
    .addOption(env())
    .addOption(asJson())
    .action(purge)
}
