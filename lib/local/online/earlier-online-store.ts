/**
 * Online stores of earlier versions: a LevelDB folder where the store's own folder now is, and two things beside it. Their
 * content is not read: all of it comes from the offline store.
 */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export const isEarlierOnlineStore = (folder: string): boolean =>
  existsSync(join(folder, 'CURRENT')) && !existsSync(join(folder, 'items.sqlite'))

export function removeEarlierOnlineStore(folder: string): void {
  for (const path of [folder, `${folder}.claim`, `${folder}.json`])
    rmSync(path, { recursive: true, force: true })
}
