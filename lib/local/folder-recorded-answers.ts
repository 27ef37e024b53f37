/** Recorded answers in the store's folder, a file for each service and day: what a delivery stream does in the cloud. */
import { createReadStream } from 'node:fs'
import { appendFile, glob, mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock, RecordedAnswers, RecordedLines } from '../runtime.ts'
import { StoreError } from '../store-error.ts'
import { textLines } from '../text-lines.ts'
import { machineFault } from './machine-fault.ts'
import { opened, sealed } from './sealed-text.ts'

const FOLDER = 'recorded'
const ENDING = '.jsonl'

export interface FolderRecordedAnswersProps {
  /** The folder of all that the store keeps. */
  readonly root: string
  readonly clock: Clock
}

/** A file is appended to by one process at a time, a request's lines at once; of one that dies, the last may be cut off. */
export function folderRecordedAnswers({ root, clock }: FolderRecordedAnswersProps): RecordedAnswers {
  let before: Promise<unknown> = Promise.resolve()
  const append = async (service: string, text: string): Promise<void> => {
    const day = new Date(clock.now()).toISOString().slice(0, 10)
    const path = join(root, FOLDER, service, `${day}${ENDING}`)
    await mkdir(dirname(path), { recursive: true })
    await appendFile(path, text)
  }
  return {
    lay: lines => {
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

/** What was recorded there. */
export const folderRecordedLines = (root: string): RecordedLines => ({
  read: service => linesBelow(join(root, FOLDER, service), ALL),
})

/** Files wherever they lie: a file, a folder with all below it, or a pattern. Each line says of which service it is. */
export const recordedFiles = (path: string): RecordedLines => ({
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

/** @throws {StoreError} `source-unreadable` */
async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    for await (const line of textLines(createReadStream(path))) yield readable(line)
  } catch (cause) {
    const fault = machineFault(cause)
    if (fault !== null) throw fault
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('source-unreadable', `${path} cannot be read: ${reason}`, { cause })
  }
}
