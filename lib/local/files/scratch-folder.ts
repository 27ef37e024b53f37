/** Scratch folders: each process has its own. The next process removes the folders of ended processes. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** The folder of this process, below a store's root. */
export const scratchFolder = (root: string): string => join(resolve(root), 'scratch', String(process.pid))

/** Creates the folder, and removes the folders of ended processes. */
export async function openScratch(root: string): Promise<string> {
  const folder = scratchFolder(root)
  await mkdir(folder, { recursive: true }).catch(async () => {
    // Removes a file or link with that name; `rm` without `recursive` does not remove a folder.
    await rm(dirname(folder), { force: true })
    await mkdir(folder, { recursive: true })
  })
  const others = await readdir(join(folder, '..'))
  const dead = others.filter(name => /^\d+$/.test(name) && !isAlive(Number(name)))
  await Promise.all(dead.map(name => rm(join(folder, '..', name), { recursive: true, force: true })))
  return folder
}

/** Ids of other processes that have the store open. */
export async function otherProcesses(root: string): Promise<readonly number[]> {
  const names = await readdir(join(scratchFolder(root), '..')).catch(() => [])
  const ids = names.filter(name => /^\d+$/.test(name)).map(Number)
  return ids.filter(id => id !== process.pid && isAlive(id))
}

export const closeScratch = (root: string): Promise<void> =>
  rm(scratchFolder(root), { recursive: true, force: true })

/** Signal 0 only checks whether a process exists. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
