/** AWS: ministack's server, from PyPI, in a virtual environment of its own. */
import { delimiter, dirname, join } from 'node:path'
import { type Server, startServer } from '../conformance/server-process.ts'
import { virtualEnvironment } from '../conformance/virtual-environment.ts'

const VERSION = '1.5.33'
/** For the functions of CDK's own that are written in Python, and for KMS. */
const PACKAGES = ['boto3==1.43.106', 'cryptography==50.0.2']

export interface EmulatorProps {
  /** For its log, and for its functions' code. */
  readonly folder: string
  readonly port: number
  /** What its functions find beside their own variables. */
  readonly variables: Readonly<Record<string, string>>
}

export async function startEmulator({ folder, port, variables }: EmulatorProps): Promise<Server> {
  const bin = await virtualEnvironment({
    name: 'ministack',
    version: VERSION,
    packages: [`ministack==${VERSION}`, ...PACKAGES],
  })
  return startServer({
    name: 'ministack',
    command: join(bin, 'python'),
    args: [join(import.meta.dirname, 'emulator.py')],
    folder,
    variables: {
      ...variables,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      // Signatures are checked, and policies: those of callers and of functions' roles.
      AUTH: 'true',
      LOG_LEVEL: 'INFO',
      TMPDIR: folder,
      // Its functions run on this Node.
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    },
    ready: async () => (await fetch(`http://127.0.0.1:${port}/_ministack/health`)).ok,
    patienceMs: 30_000,
  })
}
