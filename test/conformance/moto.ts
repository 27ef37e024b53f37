/** S3 and the Glue catalogue: moto's server, from PyPI, in a virtual environment of its own. */
import { join } from 'node:path'
import { freePort, type Server, startServer } from './server-process.ts'
import { virtualEnvironment } from './virtual-environment.ts'

const VERSION = '5.2.5'

export interface Moto extends Server {
  readonly endpoint: string
}

export async function startMoto(folder: string): Promise<Moto> {
  const bin = await virtualEnvironment({
    name: 'moto',
    version: VERSION,
    packages: [`moto[server]==${VERSION}`],
  })
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const server = await startServer({
    name: 'moto',
    command: join(bin, 'moto_server'),
    args: ['-H', '127.0.0.1', '-p', String(port)],
    folder,
    ready: async () => (await fetch(`${endpoint}/moto-api/data.json`)).ok,
    patienceMs: 60_000,
  })
  return { endpoint, ...server }
}
