/** Pushed rows and events in the store's folder, a file for each key and call: what a delivery stream does in the cloud. */
import { randomUUID } from 'node:crypto'
import { contentHash } from '../compiler/canonical.ts'
import { decodedLines } from '../offline/pushed-lines.ts'
import type { ObjectStore, OfflineEngine, PushedLines, PushedRows } from '../runtime.ts'

const FOLDER = 'pushed'
const ENDING = '.jsonl'

export const folderPushedRows = (objects: ObjectStore): PushedRows => ({
  lay: async lines => {
    const byKey = Object.groupBy(lines, ({ key }) => key)
    for (const [key, list = []] of Object.entries(byKey)) {
      const text = list.map(({ line }) => `${line}\n`).join('')
      await objects.writeText(objects.path(FOLDER, key, `${randomUUID()}${ENDING}`), text)
    }
  },
})

export interface FolderPushedLinesProps {
  readonly objects: ObjectStore
  readonly engine: Pick<OfflineEngine, 'dialect' | 'files'>
}

/** What was laid there. A file is written once and whole, so that its name says its content. */
export const folderPushedLines = ({ objects, engine }: FolderPushedLinesProps): PushedLines => ({
  open: async (key, columns) => {
    const names = await objects.list(objects.path(FOLDER, key))
    const files = names.filter(name => name.endsWith(ENDING)).sort()
    if (files.length === 0) return null
    const paths = files.map(name => objects.path(FOLDER, key, name))
    return {
      relation: decodedLines(engine.dialect, columns, engine.files(paths, 'jsonl', columns)),
      fingerprint: contentHash(files),
    }
  },
})
