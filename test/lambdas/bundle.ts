/** The serving function, bundled as for a deploy. */
import { join } from 'node:path'
import { type BuildResult, build } from 'esbuild'
import { bundleOptions } from '../../lib/infrastructure/parts/function-code.ts'

export interface Bundle {
  readonly path: string
  /** Of all that a start loads. */
  readonly bytes: number
  /** What is in it: package or folder, and bytes, the largest first. */
  readonly parts: readonly (readonly [string, number])[]
}

const FILE = 'index.mjs'
const LARGEST = 8

const partOf = (path: string): string =>
  /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? path.split('/').slice(0, 2).join('/')

type Outputs = NonNullable<BuildResult['metafile']>['outputs']

/** The files that a start loads: the first, and what is imported from there on, but not what is imported when it is needed. */
function loadedFrom(
  path: string,
  outputs: Outputs,
  seen: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  if (seen.has(path)) return seen
  const imported = (outputs[path]?.imports ?? []).filter(
    ({ kind, external }) => kind === 'import-statement' && external !== true,
  )
  const all: ReadonlySet<string> = new Set([...seen, path])
  return imported.reduce((loaded, next) => loadedFrom(next.path, outputs, loaded), all)
}

export async function bundleServing(folder: string): Promise<Bundle> {
  const { metafile } = await build({ ...bundleOptions('get-online-features', folder), metafile: true })
  const first = Object.keys(metafile.outputs).find(path => path.endsWith(`/${FILE}`)) ?? ''
  const loaded = [...loadedFrom(first, metafile.outputs)].flatMap(path => metafile.outputs[path] ?? [])
  if (loaded.length === 0) throw new Error('esbuild wrote nothing')
  const sizes = new Map<string, number>()
  for (const [input, { bytesInOutput }] of loaded.flatMap(({ inputs }) => Object.entries(inputs)))
    sizes.set(partOf(input), (sizes.get(partOf(input)) ?? 0) + bytesInOutput)
  const parts = [...sizes].sort(([, a], [, b]) => b - a).slice(0, LARGEST)
  return { path: join(folder, FILE), bytes: loaded.reduce((sum, { bytes }) => sum + bytes, 0), parts }
}
