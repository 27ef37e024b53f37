/** A project's git repository, by the machine's own git. */
import { type ExecFileOptions, execFile } from 'node:child_process'
import { resolve } from 'node:path'

export interface GitOptions {
  /** Beside this process's own. @default none */
  readonly variables?: Readonly<Record<string, string>>
  /** For its standard input. @default nothing */
  readonly input?: string
}

/** Standard output of a git command in the project's folder. @throws {Error} if it fails, or there is no git */
export function git(
  project: string,
  args: readonly string[],
  { variables = {}, input = '' }: GitOptions = {},
): Promise<string> {
  const options: ExecFileOptions = {
    cwd: resolve(project),
    maxBuffer: 2 ** 28,
    env: { ...process.env, ...variables },
  }
  return new Promise((done, fail) => {
    const child = execFile('git', args, options, (error, stdout) =>
      error === null ? done(String(stdout)) : fail(error),
    )
    // git may end before it has read all: its exit code says what that means.
    child.stdin?.on('error', () => {}).end(input)
  })
}

/** A commit's full id; null if that is none, or there is no repository. */
export const commitOf = (project: string, name: string): Promise<string | null> =>
  git(project, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]).then(
    id => id.trim(),
    () => null,
  )
