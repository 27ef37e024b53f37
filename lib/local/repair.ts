/**
 * Looks at each file that the store reads back, and sets aside what is not what was written: nothing is deleted. What
 * was set aside is made again by the verbs, from sources and from what is whole.
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
  /** From the store's folder. */
  readonly path: string
  /** What is wrong with it. */
  readonly what: string
  /** Where it was set aside, from the store's folder; null: it is missing, or is made again in its place. */
  readonly aside: string | null
  /** Commands that make again what is lacking, in their order; or what is lost. */
  readonly next: readonly string[]
}

export interface RepairProps {
  /** The folder of all that the store keeps. */
  readonly root: string
  readonly objects: ObjectStore
  /** A name for the folder of what is set aside, such as the instant. */
  readonly stamp: string
}

/** A link that leads nowhere is there as well. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** A part of the store that is looked at by itself. */
interface Part {
  /** @throws {DamagedFile} */
  readonly check: () => Promise<unknown>
  /** Puts the part into a state in which its check finds this damage no more. */
  readonly mend: (damage: DamagedFile) => Promise<Omit<Repair, 'what'>>
}

export async function repairStore(props: RepairProps): Promise<readonly Repair[]> {
  if (isThere(props.root) && !isFolder(props.root)) throw noFolder(props.root)
  const repairs: Repair[] = []
  for (const parts of [folderParts, keptParts, jsonParts, tableParts, pushedParts, trainingSetParts])
    for (const part of await parts(props)) repairs.push(...(await repaired(part)))
  return repairs
}

/** One damage after the other, until the part is whole. */
async function repaired({ check, mend }: Part): Promise<readonly Repair[]> {
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
    // What is found again was not mended by what was done about it.
    if (repairs.some(({ what, path }) => what === damage.what && damage.path.endsWith(path))) throw damage
    repairs.push({ what: damage.what, ...(await mend(damage)) })
  }
}

async function setAside({ root, stamp }: RepairProps, path: string): Promise<Omit<Repair, 'what' | 'next'>> {
  const from = relative(root, path)
  if (!isThere(path)) return { path: from, aside: null }
  // A part of it may have been set aside before.
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

/** Where a file or a link that leads nowhere stands in the place of a folder; the outer ones first. */
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

/** What was kept is known again from what is there. */
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

/** By the first part of its path: what makes it again. */
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

/** Plans and manifests lie under names that they also have in them. */
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

/** A table keeps the batches that are whole. It has another id, for it may have other rows than it had. */
async function tableParts(props: RepairProps): Promise<readonly Part[]> {
  const folders = await found(props.root, 'offline/*/v*')
  return folders.map(folder => ({
    check: async () => refuseDamagedFiles(folder, await readLog(folder)),
    mend: async damage => {
      if (basename(damage.path) === 'head.json') return { ...(await setAside(props, damage.path)), next: [] }
      const entries = await wholeEntries(folder)
      const aside = await setAside(props, folder)
      await makeAgain(folder, join(props.root, aside.aside ?? ''), entries)
      const view = viewOf(folder)
      const next = [
        `quern ingest ${view}: it brings what its source still has; ${entries.length} batches are whole and stay`,
        `quern materialize ${view}, if it is served online`,
      ]
      return { ...aside, next }
    },
  }))
}

async function makeAgain(folder: string, aside: string, entries: readonly LogEntry[]): Promise<void> {
  const table = randomUUID()
  for (const { hash: _, created, newest, batch, ...entry } of entries) {
    for (const { path } of entry.files) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await copyFile(join(aside, path), join(folder, path))
    }
    const texts = { created: created.toString(), newest: newest?.toString() ?? null }
    // Another id, so that the next ingest does not take its source for one that is read already.
    const other = `${batch}-repaired`
    await commit(folder, await readLog(folder), { ...entry, ...texts, table, batch: other })
  }
}

/** In place of a file that is lost there is an empty one, so that the numbers go on. */
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

/** Without its head, files that were pushed last may be missing as well. */
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

/** Data that was changed or is missing; a set is rebuilt in its place. */
async function trainingSetParts({ root, objects }: RepairProps): Promise<readonly Part[]> {
  const paths = await found(root, 'training-sets/manifests/*.json')
  const sets = await Promise.all(
    paths.map(async path => manifest.parse(JSON.parse((await objects.readText(path)) ?? ''))),
  )
  const latest = new Map<string, readonly string[]>()
  for (const { path, content } of sets) latest.set(path, [...(latest.get(path) ?? []), content])
  return sets.map(({ id, path }) => {
    let told = false
    return {
      check: async () => {
        if (told || !existsSync(path)) return
        const { sha256 } = await fileHash(path)
        if (!latest.get(path)?.includes(`sha256:${sha256}`)) throw damaged(path, OTHER_CONTENT)
      },
      mend: async () => {
        told = true
        return {
          path: relative(root, path),
          aside: null,
          next: [`quern training-set rebuild ${id.slice(0, 16)}`],
        }
      },
    }
  })
}
