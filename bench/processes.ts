/** CPU time and memory of other processes, from Linux' /proc. */
import { readdir, readFile } from 'node:fs/promises'

/** Ticks of CPU time in a second: what Linux tells programs, whatever the kernel's own is. */
const TICKS = 100

interface Stat {
  readonly parent: number
  readonly cpuSeconds: number
}

async function statOf(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The name, in brackets, may hold blanks: what comes after it is counted.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields === undefined) return undefined
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number)
  return { parent: parent ?? 0, cpuSeconds: ((user ?? 0) + (system ?? 0)) / TICKS }
}

/** CPU seconds of a process and of all that it started and still runs. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger)
  const stats = new Map<number, Stat>()
  for (const [i, stat] of (await Promise.all(pids.map(statOf))).entries())
    if (stat !== undefined) stats.set(pids[i] ?? 0, stat)
  const sum = (of: number): number =>
    [...stats].reduce(
      (total, [child, { parent }]) => (parent === of ? total + sum(child) : total),
      stats.get(of)?.cpuSeconds ?? 0,
    )
  return sum(pid)
}

/** Bytes that a process holds in memory now. */
export async function residentBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1_024
}
