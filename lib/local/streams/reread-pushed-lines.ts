/** Reads pushed lines by the definitions as they are, and writes anew the files whose lines change by that. */
import { randomUUID } from 'node:crypto'
import type { ObjectStore } from '../../runtime.ts'
import { pushedFiles, rewritePushedFile } from './folder-pushed-rows.ts'

export interface RereadReport {
  /** Lines that are as they were, or as they would be under the definitions of now. */
  readonly lines: number
  /** Lines that the definitions of now refuse, and the file in which they are kept; null: there are none. */
  readonly refused: { readonly lines: number; readonly path: string } | null
}

/** @param reread a line as it is to be, or why it cannot be */
export async function rereadPushedLines(
  objects: ObjectStore,
  key: string,
  reread: (line: string) => { readonly line: string } | { readonly refused: string },
): Promise<RereadReport> {
  const refused: string[] = []
  let lines = 0
  const rewritten: (readonly [name: string, lines: readonly string[]])[] = []
  for (const name of await pushedFiles(objects, key)) {
    const text = (await objects.readText(objects.path('pushed', key, name))) ?? ''
    const before = text.split('\n').filter(line => line !== '')
    const after: string[] = []
    for (const line of before) {
      const read = reread(line)
      if ('line' in read) after.push(read.line)
      else refused.push(JSON.stringify({ reason: read.refused, line }))
    }
    lines += after.length
    if (after.join('\n') !== before.join('\n')) rewritten.push([name, after])
  }
  const path = objects.path('quarantine', 'pushed', `${key}-${randomUUID()}.jsonl`)
  if (refused.length > 0) await objects.writeText(path, refused.map(line => `${line}\n`).join(''))
  for (const [name, after] of rewritten) await rewritePushedFile(objects, key, name, after)
  return { lines, refused: refused.length === 0 ? null : { lines: refused.length, path } }
}
