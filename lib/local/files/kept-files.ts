/**
 * `kept.json` lists the files that a store has written, by name relative to its folder.
 * A listed file that is missing was lost. A file with an earlier generation is an old copy. Without this list, the
 * store would serve another plan or create new secrets. It covers files directly below the folder, and the heads of
 * pushed rows.
 */
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { damaged, OTHER_CONTENT } from './damaged.ts'
import { opened, sealed } from './sealed-text.ts'
import { storedText } from './stored-file.ts'
import { type WriteWholeOptions, writeWhole } from './write-whole.ts'

const Kept = z.object({
  files: z.array(z.string()),
  /** Minimum number of writes of each file. Two processes that write at once may count one write less. */
  generations: z.record(z.string(), z.number()).default({}),
})
type Kept = z.output<typeof Kept>

export const KEPT = 'kept.json'

async function read(root: string): Promise<Kept> {
  const path = join(root, KEPT)
  const text = await storedText(path)
  if (text === null) return { files: [], generations: {} }
  const content = opened(text)
  const kept = content.state === 'damaged' ? undefined : Kept.safeParse(JSON.parse(content.text)).data
  if (kept === undefined) throw damaged(path, OTHER_CONTENT)
  return kept
}

const write = (root: string, kept: Kept): Promise<void> =>
  writeWhole(join(root, KEPT), sealed(JSON.stringify(kept)))

/** @throws {StoreError} `store-damaged` */
export const keptFiles = async (root: string): Promise<readonly string[]> => (await read(root)).files

/**
 * Adds a file to the list; call it after the file exists.
 * @param name path relative to the root
 */
export async function keep(root: string, name: string, generation = 0): Promise<void> {
  const { files, generations } = await read(root)
  const least = generations[name] ?? 0
  if (files.includes(name) && generation <= least) return
  await write(root, {
    files: [...new Set([...files, name])],
    generations: generation <= least ? generations : { ...generations, [name]: generation },
  })
}

/** Removes a file from the list but keeps its generation, so that an older copy is still detected. */
export async function forget(root: string, name: string): Promise<void> {
  const { files, generations } = await read(root)
  if (files.includes(name)) await write(root, { files: files.filter(file => file !== name), generations })
}

/** @throws {StoreError} `store-damaged` if the list contains the file */
export async function refuseLost(root: string, name: string): Promise<void> {
  if ((await keptFiles(root)).includes(name)) throw damaged(join(root, name), 'is missing')
}

/**
 * Reads a JSON file directly below the store's folder.
 * @returns null if the file was never written
 * @throws {StoreError} `store-damaged`
 */
export async function readKept(path: string): Promise<string | null> {
  const [root, name] = [dirname(path), basename(path)]
  // Read the list before the file: a concurrent write then only gives a later generation.
  const { generations } = await read(root)
  const text = await storedText(path)
  if (text === null) {
    await refuseLost(root, name)
    return null
  }
  const content = opened(text)
  if (content.state === 'damaged') throw damaged(path, OTHER_CONTENT)
  if (content.generation < (generations[name] ?? 0))
    throw damaged(path, 'is an older copy than what was written last')
  return content.text
}

/** @param text a JSON object with at least one member */
export async function writeKept(path: string, text: string, options?: WriteWholeOptions): Promise<void> {
  const [root, name] = [dirname(path), basename(path)]
  const { generations } = await read(root)
  const generation = Math.max(generations[name] ?? 0, await generationOf(path)) + 1
  await writeWhole(path, sealed(text, generation), options)
  await keep(root, name, generation)
}

/** Generation of the file; 0 if it is damaged or missing. */
export async function generationOf(path: string): Promise<number> {
  const content = opened((await storedText(path)) ?? '')
  return content.state === 'damaged' ? 0 : content.generation
}
