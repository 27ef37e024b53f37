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
  /** Beside this process's own; undefined takes one away. @default none */
  readonly variables?: Readonly<Record<string, string | undefined>>
}

export const quern = (args: readonly string[], options: QuernOptions = {}): Promise<Ended> =>
  runProgram(process.execPath, [join(REPOSITORY, 'bin/quern.ts'), ...args], options)

/** Runs any program to its end, in this repository. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { killAfterMs, variables }: QuernOptions = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: REPOSITORY,
    env: { ...process.env, ...variables },
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

/** A project's folder. */
export type Project = { readonly path: string } & AsyncDisposable

/** A project folder with the example store in it and nothing made yet. */
export async function exampleProject(): Promise<Project> {
  const project = await emptyProject()
  await cp(join(REPOSITORY, 'definitions'), join(project.path, 'definitions'), { recursive: true })
  return project
}

/** A project folder without definitions. */
export async function emptyProject(): Promise<Project> {
  const path = await mkdtemp(join(tmpdir(), 'quern-project-'))
  await installQuern(path)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** Makes 'quern' importable by name in a project's definitions, as if the package were installed. */
export async function installQuern(project: string): Promise<void> {
  await cp(join(REPOSITORY, 'package.json'), join(project, 'package.json'))
  await symlink(join(REPOSITORY, 'lib'), join(project, 'lib'))
}
