/** Reads pushed lines under the current definitions, and rewrites the files whose lines change. */
import { randomUUID } from 'node:crypto'
import type { ObjectStore } from '../../runtime.ts'
import { pushedFiles, rewritePushedFile } from './folder-pushed-rows.ts'

export interface RereadReport {
  /** Number of lines that are valid under the current definitions. */
  readonly lines: number
  /** Lines that the current definitions refuse, and the quarantine file that holds them; null: none. */
  readonly refused: { readonly lines: number; readonly path: string } | null
}

/** @param reread converts a line, or returns why it is refused */
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
