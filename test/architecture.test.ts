/** The rooms are the law: no file imports what the table in test/architecture/rooms.ts does not let it. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { violations } from './architecture/violations.ts'

const FOLDERS = ['definitions', 'lib', 'lambdas', 'bin']
const root = new URL('..', import.meta.url).pathname
const paths = FOLDERS.filter(folder => existsSync(`${root}${folder}`))
  .flatMap(folder => globSync(`${folder}/**/*.{ts,js,mjs,tsx}`, { cwd: root }))
  .map(path => path.replaceAll('\\', '/'))
  .sort()

const inFile = (path: string, text: string) => violations({ path, text })

describe('every file keeps to its room', () => {
  it.each(paths)('%s', path => {
    expect(inFile(path, readFileSync(`${root}${path}`, 'utf8'))).toEqual([])
  })

  it('and there are files', () => {
    expect(paths).toEqual(expect.arrayContaining(['definitions/flights.ts', 'lib/compiler/compile.ts']))
  })
})

describe('a violation is seen', () => {
  it.each([
    ['definitions/a.ts', "import { compile } from '../lib/compiler/compile.ts'", 'lib/compiler/compile.ts'],
    ['definitions/a.ts', "import { readFileSync } from 'node:fs'", 'node:fs'],
    ['lib/definition/a.ts', "import type { Plan } from '../plan/plan.ts'", 'lib/plan/plan.ts'],
    [
      'lib/semantics/a.ts',
      "import { seconds } from '../definition/duration.ts'",
      'lib/definition/duration.ts',
    ],
    ['lib/plan/a.ts', "import { compile } from '../compiler/compile.ts'", 'lib/compiler/compile.ts'],
    ['lib/compiler/a.ts', "import { lockOf } from '../change/lock.ts'", 'lib/change/lock.ts'],
    ['lib/compiler/a.ts', "import { S3 } from '@aws-sdk/client-s3'", '@aws-sdk/client-s3'],
    ['lib/compiler/a.ts', "import { readFile } from 'node:fs/promises'", 'node:fs/promises'],
    ['lib/compiler/a.ts', "import { EVENT } from '../offline/table.ts'", 'lib/offline/table.ts'],
    ['lib/offline/a.ts', "import { compile } from '../compiler/compile.ts'", 'lib/compiler/compile.ts'],
    ['lib/offline/a.ts', "import type { Item } from '../online/item/item.ts'", 'lib/online/item/item.ts'],
    ['lib/online/a.ts', "export { x } from '../runtime.ts'", 'lib/runtime.ts'],
    ['lib/verbs/a.ts', "import { x } from '../local/engine/a.ts'", 'lib/local/engine/a.ts'],
    ['lib/verbs/push/a.ts', "import { x } from '../../aws/dynamodb/a.ts'", 'lib/aws/dynamodb/a.ts'],
    ['lib/verbs/a.ts', "import '@duckdb/node-api'", '@duckdb/node-api'],
    ['lib/aws/a.ts', "import { x } from '../local/engine/a.ts'", 'lib/local/engine/a.ts'],
    ['lib/aws/a.ts', "import { Stack } from 'aws-cdk-lib'", 'aws-cdk-lib'],
    ['lib/local/a.ts', "const x = await import('aws-cdk-lib/core')", 'aws-cdk-lib/core'],
    ['lib/local/a.ts', "import { handler } from '../../lambdas/a.ts'", 'lambdas/a.ts'],
    ['lib/infrastructure/a.ts', "import { x } from '../aws/a.ts'", 'lib/aws/a.ts'],
    ['lib/infrastructure/a.ts', "import { x } from '@aws-sdk/client-s3'", '@aws-sdk/client-s3'],
    ['lambdas/a.ts', "import { x } from '../lib/local/engine/a.ts'", 'lib/local/engine/a.ts'],
    ['lambdas/a.ts', "import { x } from '../lib/cli/store/a.ts'", 'lib/cli/store/a.ts'],
    ['lib/local/a.ts', "import { x } from '../cli/print/print.ts'", 'lib/cli/print/print.ts'],
  ])('%s: %s', (path, text, target) => {
    expect(inFile(path, text)).toEqual([`${path} imports ${target}`])
  })

  it('over several lines, behind a comment and among other imports', () => {
    const text = "/* why */ import type {\n  A,\n  B,\n} from '../local/a.ts'\nimport { x } from './b.ts'\n"
    expect(inFile('lib/aws/a.ts', text)).toEqual(['lib/aws/a.ts imports lib/local/a.ts'])
  })

  it('where more than types are taken', () => {
    const from = "{ viewOf } from './plan/plan.ts'"
    expect(inFile('lib/runtime.ts', `import type ${from}`)).toEqual([])
    expect(inFile('lib/runtime.ts', `import ${from}`)).toEqual([
      'lib/runtime.ts imports lib/plan/plan.ts for more than its types',
    ])
  })

  it('in a file that is in no room', () => {
    expect(inFile('lib/utils/a.ts', '')).toEqual(['lib/utils/a.ts is in no room'])
  })

  it.each([
    ['reads the clock', 'const t = Date.now()'],
    ['reads the clock', 'const t = new Date()'],
    ['reads the process', "const x = process.env['X']"],
    ['promises something', 'export const f = async () => 1'],
    ['promises something', 'type F = () => Promise<void>'],
    ['depends on chance', 'const x = Math.random()'],
    ['waits or calls out', 'setTimeout(f, 1)'],
    ['prints', 'console.log(1)'],
  ])('in a pure room that %s: %s', (what, text) => {
    expect(inFile('lib/offline/a.ts', text)).toEqual([`lib/offline/a.ts ${what}`])
    expect(inFile('lib/local/a.ts', text)).toEqual([])
  })
})

describe('what looks like a violation and is none is let be', () => {
  it.each([
    ['an example in a docstring', "/**\n * import { x } from '../local/a.ts'\n */\n// import 'node:fs'\n"],
    ['an instant that is given', 'const t = new Date(ms).toISOString()'],
    ['a text that speaks of time', "const a = 'Date.now() is not async'"],
    ['a name that ends alike', 'const processed = x.processing'],
    ['a sibling', "import { x } from './b.ts'"],
    ['a hash', "import { createHash } from 'node:crypto'"],
  ])('%s', (_what, text) => {
    expect(inFile('lib/offline/a.ts', text)).toEqual([])
  })
})
