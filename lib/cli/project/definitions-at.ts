/** A project's definitions as they were at a commit, loaded in this process. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { storeFolder } from '../store/local-store.ts'
import { loadDefinitions } from './load-definitions.ts'
import { git } from './project-git.ts'

/**
 * The project's code at that commit is written below its `.quern`, and removed once it is loaded: from there it finds
 * `quern` and other packages where the project's own code does, in the versions that are installed now. The repository's
 * index and work tree are not touched.
 * @throws {StoreError} if there were no definitions, or they cannot be loaded any more
 */
export async function definitionsAt(project: string, commit: string): Promise<readonly unknown[]> {
  await mkdir(storeFolder(project), { recursive: true })
  const folder = await mkdtemp(join(storeFolder(project), 'at-'))
  try {
    return await loadDefinitions(await checkOut(project, commit, folder))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** @returns the project's folder in it */
async function checkOut(project: string, commit: string, folder: string): Promise<string> {
  const variables = { GIT_INDEX_FILE: join(folder, 'index') }
  const tree = join(folder, 'tree')
  await git(project, ['read-tree', commit], { variables })
  const listed = await git(project, ['ls-files', '-z', '--', ...CODE], { variables })
  // Another package.json would be another package: the project's own is to count.
  const paths = listed.split('\0').filter(path => path !== '' && basename(path) !== 'package.json')
  await git(project, ['checkout-index', '-z', '--stdin', `--prefix=${tree}/`], {
    variables,
    input: paths.join('\0'),
  })
  return join(tree, (await git(project, ['rev-parse', '--show-prefix'])).trim())
}

/** What definitions can be made of; their data is not read. */
const CODE = ['*.ts', '*.js', '*.mjs', '*.json']
