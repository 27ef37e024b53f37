/**
 * The names of files that a store has written directly below its folder, in `kept.json`: one of them that is missing was
 * lost, and is not one that was never written. Without them another plan would answer, or new secrets be made.
 */
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { damaged, OTHER_CONTENT } from './damaged.ts'
import { hasCode } from './error-code.ts'
import { opened, sealed } from './sealed-text.ts'
import { writeWhole } from './write-whole.ts'

const Kept = z.object({ files: z.array(z.string()) })

export const KEPT = 'kept.json'

/** @throws {StoreError} `store-damaged` */
export async function keptFiles(root: string): Promise<readonly string[]> {
  const path = join(root, KEPT)
  const text = await readFile(path, 'utf8').catch(error => {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  })
  if (text === null) return []
  const content = opened(text)
  const kept = content.state === 'damaged' ? undefined : Kept.safeParse(JSON.parse(content.text)).data
  if (kept === undefined) throw damaged(path, OTHER_CONTENT)
  return kept.files
}

/** To be called when the file is there. */
export async function keep(path: string): Promise<void> {
  const root = dirname(path)
  const files = await keptFiles(root)
  if (!files.includes(basename(path))) await write(root, [...files, basename(path)])
}

export const forget = async (root: string, name: string): Promise<void> =>
  write(
    root,
    (await keptFiles(root)).filter(file => file !== name),
  )

/** @throws {StoreError} `store-damaged` if the file was there once */
export async function refuseLost(path: string): Promise<void> {
  if ((await keptFiles(dirname(path))).includes(basename(path))) throw damaged(path, 'is missing')
}

const write = (root: string, files: readonly string[]): Promise<void> =>
  writeWhole(join(root, KEPT), sealed(JSON.stringify({ files })))
