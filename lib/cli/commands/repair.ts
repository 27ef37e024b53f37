import { folderObjectStore } from '../../local/files/folder-object-store.ts'
import { type Repair, repairStore } from '../../local/repair.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { asJson, type DefineCommand } from '../arguments/shared-options.ts'
import { count, json, result, say, step } from '../print/print.ts'
import { storeFolder } from '../store/local-store.ts'

/** Needs no definitions: a store is repaired whatever they say. */
export async function repair({
  project,
  json: asJson,
}: Pick<CommonOptions, 'project' | 'json'>): Promise<void> {
  const root = storeFolder(project)
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const repairs = await step(
    `repair ${root}`,
    () => repairStore({ root, objects: folderObjectStore(root), stamp }),
    list =>
      list.length === 0 ? 'all files are as they were written' : `${count(list.length)} files are damaged`,
  )
  if (asJson) result(json(repairs))
  else for (const each of repairs) tell(each)
}

function tell({ path, what, aside, next }: Repair): void {
  say(`    ${path} ${what}${aside === null ? '' : `; it is now ${aside}`}`)
  for (const command of next) say(`      next: ${command}`)
}

export const registerRepair = (define: DefineCommand): void => {
  define(
    'repair',
    'Check every file of the local store, set damaged files aside, and say how to restore them.',
  )
    .addOption(asJson())
    .action(repair)
}
