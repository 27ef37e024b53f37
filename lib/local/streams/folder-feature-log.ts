/**
 * The feature log in the store's folder, one file per service and day. On AWS, a delivery stream does this.
 *
 *   <root>/recorded/<service>/<day>.jsonl      one sealed line per response
 *   <root>/recorded/<service>/<day>.size.json  minimum size of that file, in bytes
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
  /** Root folder of the store. */
  readonly root: string
  readonly clock: Clock
}

/**
 * Appends all lines of a call at once, one call at a time within the process. If the process dies, the last line may
 * be truncated.
 */
export function folderFeatureLog({ root, clock }: FolderFeatureLogProps): FeatureLog {
  let before: Promise<unknown> = Promise.resolve()
  const append = async (service: string, text: string): Promise<void> => {
    const day = new Date(clock.now()).toISOString().slice(0, 10)
    const path = join(root, FOLDER, service, `${day}${ENDING}`)
    await mkdir(dirname(path), { recursive: true })
    await appendFile(path, text)
    // The lines are already written. The size is only a lower bound, so its failure is ignored.
    await writeSize(path).catch(() => undefined)
  }
  return {
    append: lines => {
      const byService = Object.groupBy(lines, ({ service }) => service)
      const appending = before.then(async () => {
        for (const [service, list = []] of Object.entries(byService))
          await append(service, list.map(({ line }) => `${sealed(line)}\n`).join(''))
      })
      before = appending.catch(() => undefined)
      return appending
    },
  }
}

const sizeFile = (path: string): string => `${path.slice(0, -ENDING.length)}.size.json`

const Size = z.object({ bytes: z.number() })

const writeSize = async (path: string): Promise<void> =>
  writeWhole(sizeFile(path), sealed(JSON.stringify({ bytes: (await stat(path)).size })))

/** A damaged size file counts as missing. */
function noSize(error: unknown): null {
  if (error instanceof DamagedFile) return null
  throw error
}

/** Whether the file is shorter than its recorded size. Files of earlier versions and of AWS have no size file. */
async function isCut(path: string): Promise<boolean> {
  const text = path.endsWith(ENDING) ? await storedText(sizeFile(path)).catch(noSize) : null
  if (text === null) return false
  const content = opened(text)
  const size = content.state === 'damaged' ? undefined : Size.safeParse(JSON.parse(content.text)).data
  // A damaged size file gives no information; each line has its own seal.
  return size !== undefined && (await stat(path)).size < size.bytes
}

/** Reads the feature log of a store's folder. */
export const folderFeatureLogReader = (root: string): FeatureLogReader => ({
  read: service => linesBelow(join(root, FOLDER, service), ALL),
})

/** Reads feature-log files from a file, from a folder with its subfolders, or by a pattern. Each line names its service. */
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

/** A damaged line becomes an empty line, which the reader counts as unreadable. */
function readable(line: string): string {
  const content = opened(line)
  return content.state === 'damaged' ? '' : content.text
}

/** @throws {StoreError} `source-unreadable`, or a machine fault */
async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    for await (const line of textLines(createReadStream(path))) yield readable(line)
    // The missing rest counts as one unreadable line.
    if (await isCut(path)) yield ''
  } catch (cause) {
    const fault = machineFault(cause)
    if (fault !== null) throw fault
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('source-unreadable', `${path} cannot be read: ${reason}`, { cause })
  }
}
