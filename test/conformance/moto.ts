/** S3 and the Glue catalogue: moto's server, from PyPI, in a virtual environment of its own. */
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, freePort, run, type Server, startServer } from './server-process.ts'

const VERSION = '5.2.5'

/** @returns the server's executable */
async function install(): Promise<string> {
  const home = join(cacheFolder(), `moto-${VERSION}`)
  const python = join(home, 'bin', 'python')
  const done = join(home, 'installed')
  if (!existsSync(done)) {
    await rm(home, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', home])
    await run(python, ['-m', 'pip', 'install', '--quiet', `moto[server]==${VERSION}`])
    await writeFile(done, VERSION)
  }
  return join(home, 'bin', 'moto_server')
}

export interface Moto extends Server {
  readonly endpoint: string
}

export async function startMoto(folder: string): Promise<Moto> {
  const command = await install()
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const server = await startServer({
    name: 'moto',
    command,
    args: ['-H', '127.0.0.1', '-p', String(port)],
    folder,
    ready: async () => (await fetch(`${endpoint}/moto-api/data.json`)).ok,
    patienceMs: 60_000,
  })
  return { endpoint, ...server }
}
