/**
 * Online stores of earlier versions: a LevelDB folder at the store's current path, and two files next to it. Their
 * content is not read, because the offline store has all of it.
 */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export const isEarlierOnlineStore = (folder: string): boolean =>
  existsSync(join(folder, 'CURRENT')) && !existsSync(join(folder, 'items.sqlite'))

export function removeEarlierOnlineStore(folder: string): void {
  for (const path of [folder, `${folder}.claim`, `${folder}.json`])
    rmSync(path, { recursive: true, force: true })
}
