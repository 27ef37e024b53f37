/** Each process has a folder of its own for what lives only as long as the work; the next one clears away the dead's. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** This process's folder, below a store's root. */
export const scratchFolder = (root: string): string => join(resolve(root), 'scratch', String(process.pid))

/** Makes the folder, and removes those of processes that have ended. */
export async function openScratch(root: string): Promise<string> {
  const folder = scratchFolder(root)
  await mkdir(folder, { recursive: true }).catch(async () => {
    // A file or link of that name holds nothing; a folder is not removed by this.
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

/** Signal 0 asks whether a process is there, and does nothing to it. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
