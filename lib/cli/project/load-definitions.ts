/** Imports a project's definition modules and gives all that they export. */
import { existsSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StoreError } from '../../store-error.ts'

export interface DefinitionModule {
  readonly path: string
  readonly exports: readonly unknown[]
}

/** @throws {StoreError} as {@link loadModules} */
export const loadDefinitions = async (root: string): Promise<readonly unknown[]> =>
  (await loadModules(root)).flatMap(module => module.exports)

/** @throws {StoreError} `source-missing` if there are no definitions, `source-unreadable` if a module cannot be loaded */
export async function loadModules(root: string): Promise<readonly DefinitionModule[]> {
  const folder = resolve(root, 'definitions')
  const paths = existsSync(folder) ? await Array.fromAsync(glob('**/*.{ts,js,mjs}', { cwd: folder })) : []
  if (paths.length === 0)
    throw new StoreError(
      'source-missing',
      `there are no definitions in ${folder}; write definitions/*.ts there, or name the project's folder with --project`,
    )
  return Promise.all(
    paths
      .sort()
      .map(name => join(folder, name))
      .map(async path => ({ path, exports: Object.values(await load(path)) })),
  )
}

async function load(path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StoreError('source-unreadable', `definition module ${path} cannot be loaded: ${reason}`, {
      cause: error,
    })
  }
}
