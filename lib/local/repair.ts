/**
 * Checks each file that the store reads, and sets damaged files aside; it deletes nothing. CLI commands then recreate
 * the content from sources and intact files.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, lstatSync, statSync } from 'node:fs'
import { copyFile, glob, mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import type { ObjectStore } from '../runtime.ts'
import { DamagedFile, damaged, OTHER_CONTENT } from './files/damaged.ts'
import { forget, generationOf, KEPT, keep, keptFiles } from './files/kept-files.ts'
import { noFolder } from './files/private-folder.ts'
import {
  commit,
  type LogEntry,
  readLog,
  refuseDamagedFiles,
  viewOf,
  wholeEntries,
} from './offline/table-log.ts'
import { fileHash } from './sources/file-hash.ts'
import { headOf, nameOf, pushedFiles, pushedKeys } from './streams/folder-pushed-rows.ts'

export interface Repair {
  /** Path relative to the store's folder. */
  readonly path: string
  /** The damage. */
  readonly what: string
  /** New path, relative to the store's folder; null: the file is missing, or is rewritten in place. */
  readonly aside: string | null
  /** Commands that recreate the missing content, in order; or a description of the loss. */
  readonly next: readonly string[]
}

export interface RepairProps {
  /** Root folder of the store. */
  readonly root: string
  readonly objects: ObjectStore
  /** Name of the folder for damaged files, such as a timestamp. */
  readonly stamp: string
}

/** Whether a path exists; a dangling link counts as existing. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** A part of the store that is checked independently. */
interface Part {
  /** @throws {DamagedFile} */
  readonly check: () => Promise<unknown>
  /** Repairs one damage, so that the next check does not find it again. */
  readonly mend: (damage: DamagedFile) => Promise<Omit<Repair, 'what'>>
}

export async function repairStore(props: RepairProps): Promise<readonly Repair[]> {
  if (isThere(props.root) && !isFolder(props.root)) throw noFolder(props.root)
  const repairs: Repair[] = []
  for (const parts of [folderParts, keptParts, jsonParts, tableParts, pushedParts, trainingSetParts])
    for (const part of await parts(props)) repairs.push(...(await repairPart(part)))
  return repairs
}

/** Repairs one damage after another until the check passes. */
async function repairPart({ check, mend }: Part): Promise<readonly Repair[]> {
  const repairs: Repair[] = []
  for (;;) {
    const damage = await check().then(
      () => null,
      error => {
        if (error instanceof DamagedFile) return error
        throw error
      },
    )
    if (damage === null) return repairs
    // If the check finds the same damage again, the repair did not work.
    if (repairs.some(({ what, path }) => what === damage.what && damage.path.endsWith(path))) throw damage
    repairs.push({ what: damage.what, ...(await mend(damage)) })
  }
}

async function setAside({ root, stamp }: RepairProps, path: string): Promise<Omit<Repair, 'what' | 'next'>> {
  const from = relative(root, path)
  if (!isThere(path)) return { path: from, aside: null }
  // Another part of it may already be set aside.
  const first = join('damaged', stamp, from)
  const aside = isThere(join(root, first)) ? `${first}-${randomUUID().slice(0, 8)}` : first
  await mkdir(dirname(join(root, aside)), { recursive: true })
  await rename(path, join(root, aside))
  return { path: from, aside }
}

const found = async (root: string, pattern: string): Promise<readonly string[]> =>
  (await Array.fromAsync(glob(pattern, { cwd: root }))).sort().map(path => resolve(root, path))

const FOLDERS = [
  ...[
    'offline',
    'offline/*',
    'offline/*/v*',
    'offline/*/v*/{log,data}',
    'pushed',
    'pushed/*',
    'heads',
    'recorded',
  ],
  ...['plans', 'shadows', 'quarantine', 'training-sets', 'training-sets/manifests'],
]

/** Finds files and dangling links in place of folders, outer folders first. */
async function folderParts(props: RepairProps): Promise<readonly Part[]> {
  const parts = FOLDERS.map(async pattern =>
    (await found(props.root, pattern)).map(path => ({
      check: async () => {
        if (isThere(path) && !isFolder(path)) throw damaged(path, 'is no folder, where there was one')
      },
      mend: async () => ({ ...(await setAside(props, path)), next: FOLDER_NEXT }),
    })),
  )
  return (await Promise.all(parts)).flat()
}

const FOLDER_NEXT = [
  'what was in it is not there: put it back, or run quern ingest, which brings what sources still have',
  'quern rebuild, if views are served online; quern training-set builds sets again',
]

/** Rebuilds kept.json from the existing files. */
async function keptParts(props: RepairProps): Promise<readonly Part[]> {
  const { root } = props
  const mend = async (): Promise<Omit<Repair, 'what'>> => {
    const aside = await setAside(props, join(root, KEPT))
    for (const pattern of ['*.json', 'heads/*.json'])
      for (const path of await found(root, pattern))
        await keep(root, relative(root, path), await generationOf(path).catch(() => 0))
    return { ...aside, next: [] }
  }
  return [{ check: () => keptFiles(root), mend }]
}

/** Next steps by the first segment of the path. */
const JSON_NEXT: Readonly<Record<string, readonly string[]>> = {
  'rollouts.json': [
    'quern rollout status: the plan that serves answers for all until a rollout is started again',
  ],
  'credentials.json': ['quern start: it makes new credentials; hashes of masked values are other ones'],
  'serving-plan.json': ['quern start: it serves the plan of the definitions'],
  plans: [
    'quern start: it keeps the plan of the definitions; a rollout that names another plan is to be started again',
  ],
  shadows: ['what this server compared for its rollout is lost'],
  'training-sets': ['quern training-set: build the set again'],
}

async function jsonParts(props: RepairProps): Promise<readonly Part[]> {
  const { root } = props
  const patterns = [
    '*.json',
    'heads/*.json',
    'plans/*.json',
    'shadows/*/*/*.json',
    'training-sets/manifests/*.json',
  ]
  const there = (await Promise.all(patterns.map(pattern => found(root, pattern)))).flat()
  const kept = (await keptFiles(root)).map(name => join(root, name))
  return [...new Set([...there, ...kept])]
    .filter(path => basename(path) !== KEPT)
    .map(path => ({ check: () => checkJson(props.objects, path), mend: () => setJsonAside(props, path) }))
}

const named = z.union([z.object({ hash: z.string() }), z.object({ id: z.string() })])

/** The file name of a plan or manifest must match the id or hash in its content. */
async function checkJson(objects: ObjectStore, path: string): Promise<void> {
  const text = await objects.readText(path)
  if (text === null || !/[/\\](plans|manifests)[/\\]/.test(path)) return
  const name = named.safeParse(JSON.parse(text)).data
  const own = name === undefined ? null : 'id' in name ? name.id : name.hash
  if (own !== basename(path, '.json')) throw damaged(path, OTHER_CONTENT)
}

async function setJsonAside(props: RepairProps, path: string): Promise<Omit<Repair, 'what'>> {
  const aside = await setAside(props, path)
  await forget(props.root, aside.path)
  return { ...aside, next: JSON_NEXT[aside.path.split(/[/\\]/)[0] ?? ''] ?? [] }
}

/** Keeps the intact batches of a table. The table gets a new id, because its rows may differ. */
async function tableParts(props: RepairProps): Promise<readonly Part[]> {
  const folders = await found(props.root, 'offline/*/v*')
  return folders.map(folder => ({
    check: async () => refuseDamagedFiles(folder, await readLog(folder)),
    mend: async damage => {
      if (basename(damage.path) === 'head.json') return { ...(await setAside(props, damage.path)), next: [] }
      const entries = await wholeEntries(folder)
      const aside = await setAside(props, folder)
      await recreateTable(folder, join(props.root, aside.aside ?? ''), entries)
      const view = viewOf(folder)
      const next = [
        `quern ingest ${view}: it brings what its source still has; ${entries.length} batches are whole and stay`,
        `quern materialize ${view}, if it is served online`,
      ]
      return { ...aside, next }
    },
  }))
}

async function recreateTable(folder: string, aside: string, entries: readonly LogEntry[]): Promise<void> {
  const table = randomUUID()
  for (const { hash: _, created, newest, batch, ...entry } of entries) {
    for (const { path } of entry.files) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await copyFile(join(aside, path), join(folder, path))
    }
    const texts = { created: created.toString(), newest: newest?.toString() ?? null }
    // A new batch id, so that the next ingest does not skip the source as already read.
    const other = `${batch}-repaired`
    await commit(folder, await readLog(folder), { ...entry, ...texts, table, batch: other })
  }
}

/** Replaces a lost file by an empty one, so that the numbering stays complete. */
async function pushedParts(props: RepairProps): Promise<readonly Part[]> {
  const { root, objects } = props
  const folders = (await found(root, 'pushed/*')).map(folder => basename(folder))
  return (await pushedKeys(objects, folders)).map(key => ({
    check: () => pushedFiles(objects, key),
    mend: async ({ path }) => {
      const number = /^(\d{8})-\*/.exec(basename(path))?.[1]
      if (number === undefined) return setPushedAside(props, key, path)
      await objects.writeText(join(objects.path('pushed', key), nameOf(Number(number), '')), '')
      const next = [`push what was pushed for ${key} at that time again: quern push <file>`]
      return { path: relative(root, path), aside: null, next }
    },
  }))
}

/** Without the head, missing files at the end cannot be detected. */
async function setPushedAside(props: RepairProps, key: string, path: string): Promise<Omit<Repair, 'what'>> {
  const aside = await setAside(props, path)
  if (aside.path !== headOf(key)) return { ...aside, next: [] }
  await forget(props.root, aside.path)
  return {
    ...aside,
    next: [`push what was pushed for ${key} last again, unless quern ingest has it: quern push <file>`],
  }
}

const manifest = z.object({ id: z.string(), path: z.string(), content: z.string() })

/** Checks the data files of training sets; a set is rebuilt in place. */
async function trainingSetParts({ root, objects }: RepairProps): Promise<readonly Part[]> {
  const paths = await found(root, 'training-sets/manifests/*.json')
  const sets = await Promise.all(
    paths.map(async path => manifest.parse(JSON.parse((await objects.readText(path)) ?? ''))),
  )
  const latest = new Map<string, readonly string[]>()
  for (const { path, content } of sets) latest.set(path, [...(latest.get(path) ?? []), content])
  return sets.map(({ id, path }) => {
    let reported = false
    return {
      check: async () => {
        if (reported || !existsSync(path)) return
        const { sha256 } = await fileHash(path)
        if (!latest.get(path)?.includes(`sha256:${sha256}`)) throw damaged(path, OTHER_CONTENT)
      },
      mend: async () => {
        reported = true
        return {
          path: relative(root, path),
          aside: null,
          next: [`quern training-set rebuild ${id.slice(0, 16)}`],
        }
      },
    }
  })
}
