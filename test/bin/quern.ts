/** Runs the command line as its users do: as a process of its own. */
import { spawn } from 'node:child_process'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const REPOSITORY = resolve(import.meta.dirname, '../..')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface QuernOptions {
  /** Kills the process this long after its start. @default it may end by itself */
  readonly killAfterMs?: number
}

export async function quern(args: readonly string[], { killAfterMs }: QuernOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(REPOSITORY, 'bin/quern.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  const text = async (stream: NodeJS.ReadableStream): Promise<string> => {
    let all = ''
    for await (const part of stream.setEncoding('utf8')) all += part
    return all
  }
  const ended = new Promise<number | null>(done => child.once('close', done))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  clearTimeout(timer)
  return { code, stdout, stderr }
}

/** A project folder with the example store in it and nothing made yet. */
export async function exampleProject(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'quern-project-'))
  await cp(join(REPOSITORY, 'definitions'), join(path, 'definitions'), { recursive: true })
  // Definitions import 'quern' by name, as they do in a project that has it installed.
  await cp(join(REPOSITORY, 'package.json'), join(path, 'package.json'))
  await symlink(join(REPOSITORY, 'lib'), join(path, 'lib'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
