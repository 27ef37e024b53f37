/**
 * Recorded answers in the store's folder, a file for each service and day: what a delivery stream does in the cloud.
 *
 *   <root>/recorded/<service>/<day>.jsonl      a line for each answer, sealed
 *   <root>/recorded/<service>/<day>.size.json  how many bytes that file has at least
 */
import { createReadStream } from 'node:fs'
import { appendFile, glob, mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Clock, FeatureLog, FeatureLogReader } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { textLines } from '../../text-lines.ts'
import { machineFault } from '../engine/machine-fault.ts'
import { DamagedFile } from '../files/damaged.ts'
import { opened, sealed } from '../files/sealed-text.ts'
import { storedText } from '../files/stored-file.ts'
import { writeWhole } from '../files/write-whole.ts'

const FOLDER = 'recorded'
const ENDING = '.jsonl'

export interface FolderFeatureLogProps {
  /** The folder of all that the store keeps. */
  readonly root: string
  readonly clock: Clock
}

/** A file is appended to by one process at a time, a request's lines at once; of one that dies, the last may be cut off. */
export function folderFeatureLog({ root, clock }: FolderFeatureLogProps): FeatureLog {
  let before: Promise<unknown> = Promise.resolve()
  const append = async (service: string, text: string): Promise<void> => {
    const day = new Date(clock.now()).toISOString().slice(0, 10)
    const path = join(root, FOLDER, service, `${day}${ENDING}`)
    await mkdir(dirname(path), { recursive: true })
    await appendFile(path, text)
    // The lines are laid down, whatever becomes of their size: it is a lower bound.
    await writeSize(path).catch(() => undefined)
  }
  return {
    append: lines => {
      const byService = Object.groupBy(lines, ({ service }) => service)
      const laid = before.then(async () => {
        for (const [service, list = []] of Object.entries(byService))
          await append(service, list.map(({ line }) => `${sealed(line)}\n`).join(''))
      })
      before = laid.catch(() => undefined)
      return laid
    },
  }
}

const sizeFile = (path: string): string => `${path.slice(0, -ENDING.length)}.size.json`

const Size = z.object({ bytes: z.number() })

const writeSize = async (path: string): Promise<void> =>
  writeWhole(sizeFile(path), sealed(JSON.stringify({ bytes: (await stat(path)).size })))

/** Something else stands there. */
function noSize(error: unknown): null {
  if (error instanceof DamagedFile) return null
  throw error
}

/** Does it end before what was written? Files of earlier versions, and those of the cloud, have no size beside them. */
async function isCut(path: string): Promise<boolean> {
  const text = path.endsWith(ENDING) ? await storedText(sizeFile(path)).catch(noSize) : null
  if (text === null) return false
  const content = opened(text)
  const size = content.state === 'damaged' ? undefined : Size.safeParse(JSON.parse(content.text)).data
  // Of a size that is damaged nothing is known: each line speaks for itself.
  return size !== undefined && (await stat(path)).size < size.bytes
}

/** What was recorded there. */
export const folderFeatureLogReader = (root: string): FeatureLogReader => ({
  read: service => linesBelow(join(root, FOLDER, service), ALL),
})

/** Files wherever they lie: a file, a folder with all below it, or a pattern. Each line says of which service it is. */
export const recordedFiles = (path: string): FeatureLogReader => ({
  read: async function* read() {
    const found = await stat(path).catch(() => null)
    if (found?.isDirectory()) yield* linesBelow(path, ALL)
    else if (found?.isFile()) yield* linesOf(path)
    else yield* linesBelow(process.cwd(), path)
  },
})

const ALL = `**/*${ENDING}`

async function* linesBelow(cwd: string, pattern: string): AsyncGenerator<string> {
  const found = await Array.fromAsync(glob(pattern, { cwd, withFileTypes: true }))
  const paths = found.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  for (const path of paths.sort()) yield* linesOf(path)
}

/** A line that is not what was written is none: its reader counts it as unreadable. */
function readable(line: string): string {
  const content = opened(line)
  return content.state === 'damaged' ? '' : content.text
}

/** @throws {StoreError} `source-unreadable`, and the machine's faults */
async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    for await (const line of textLines(createReadStream(path))) yield readable(line)
    // What is lacking counts as a line that is not what was written.
    if (await isCut(path)) yield ''
  } catch (cause) {
    const fault = machineFault(cause)
    if (fault !== null) throw fault
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('source-unreadable', `${path} cannot be read: ${reason}`, { cause })
  }
}
