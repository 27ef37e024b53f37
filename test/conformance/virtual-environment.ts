/** Packages from PyPI in a virtual environment of their own, made once for every clone of the repository. */
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, run } from './server-process.ts'

export interface VirtualEnvironment {
  /** Names its folder, with the version. */
  readonly name: string
  readonly version: string
  /** What pip installs, each with its version. */
  readonly packages: readonly string[]
}

/** @returns the folder of its executables */
export async function virtualEnvironment({ name, version, packages }: VirtualEnvironment): Promise<string> {
  const home = join(cacheFolder(), `${name}-${version}`)
  const done = join(home, 'installed')
  if (!existsSync(done)) {
    await rm(home, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', home])
    await run(join(home, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...packages])
    await writeFile(done, version)
  }
  return join(home, 'bin')
}
