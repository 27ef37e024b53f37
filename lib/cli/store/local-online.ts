/** Opens the online store of a project, and begins it anew where that is asked for and needed. */
import { join } from 'node:path'
import { otherProcesses } from '../../local/files/scratch-folder.ts'
import { isEarlierOnlineStore, removeEarlierOnlineStore } from '../../local/online/earlier-online-store.ts'
import { removeOnlineFile } from '../../local/online/sqlite-online-file.ts'
import { openSqliteOnlineStore, type SqliteOnlineStore } from '../../local/online/sqlite-online-store.ts'
import { StoreError } from '../../store-error.ts'
import { say } from '../print/print.ts'

/** What is begun anew instead of refused: nothing, a store that an earlier version made, or that and a damaged one. */
export type Mend = 'nothing' | 'earlier' | 'damaged'

/** Who has the file open would go on with one that is gone. */
async function refuseOthers(root: string): Promise<void> {
  const [other] = await otherProcesses(root)
  if (other === undefined) return
  throw new StoreError(
    'store-in-use',
    `process ${other} has the store in ${root} open, and its online store must be begun anew; end that process first`,
  )
}

async function beginAnew(root: string, folder: string): Promise<SqliteOnlineStore> {
  await refuseOthers(root)
  removeOnlineFile(folder)
  return openSqliteOnlineStore(folder)
}

const isDamaged = (error: unknown): error is StoreError =>
  error instanceof StoreError && error.code === 'store-damaged'

/** @throws {StoreError} `store-damaged`, `store-in-use` */
export async function openLocalOnline(root: string, mend: Mend): Promise<SqliteOnlineStore> {
  const folder = join(root, 'online')
  if (isEarlierOnlineStore(folder)) {
    if (mend === 'nothing')
      throw new StoreError(
        'store-damaged',
        `the online store in ${folder} was made by an earlier version of quern, in another format; run quern start, or quern ingest and then quern rebuild, which fill a new one from the offline store`,
      )
    removeEarlierOnlineStore(folder)
    say(`  ! the online store was made by an earlier version: it is filled anew from the offline store`)
  }
  return openSqliteOnlineStore(folder).catch(async (error: unknown) => {
    if (mend !== 'damaged' || !isDamaged(error)) throw error
    const online = await beginAnew(root, folder)
    say(`  ! ${error.message.split('; run quern rebuild')[0]}: it is begun anew`)
    return online
  })
}
