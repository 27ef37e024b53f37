/** The serving function as it is deployed: one file, minified, ES modules for Node 24. */
import { join } from 'node:path'
import { build } from 'esbuild'

export interface Bundle {
  readonly path: string
  readonly bytes: number
  /** What is in it: package or folder, and bytes, the largest first. */
  readonly parts: readonly (readonly [string, number])[]
}

const ENTRY = new URL('../../lambdas/get-online-features.ts', import.meta.url).pathname
/** Packages of CommonJS ask for Node's own modules so. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"
const LARGEST = 8

const partOf = (path: string): string =>
  /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? path.split('/').slice(0, 2).join('/')

export async function bundleServing(folder: string): Promise<Bundle> {
  const path = join(folder, 'index.mjs')
  const { metafile } = await build({
    entryPoints: [ENTRY],
    outfile: path,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: 'error',
  })
  const [output] = Object.values(metafile.outputs)
  if (output === undefined) throw new Error('esbuild wrote nothing')
  const sizes = new Map<string, number>()
  for (const [input, { bytesInOutput }] of Object.entries(output.inputs))
    sizes.set(partOf(input), (sizes.get(partOf(input)) ?? 0) + bytesInOutput)
  const parts = [...sizes].sort(([, a], [, b]) => b - a).slice(0, LARGEST)
  return { path, bytes: output.bytes, parts }
}
