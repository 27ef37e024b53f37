/** Measures the code base: sizes, casts, import cycles, mirrored tests, words that the glossary replaces. */
import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

const root = new URL('../..', import.meta.url).pathname

const filesBelow = (pattern: string): readonly string[] => globSync(pattern, { cwd: root }).sort()
const textOf = (path: string): string => readFileSync(`${root}${path}`, 'utf8')

const SOURCES = ['lib/**/*.ts', 'lambdas/**/*.ts', 'bin/**/*.ts'].flatMap(filesBelow)
const TESTS = filesBelow('test/**/*.test.ts')
/** Tests that judge several rooms at once; they mirror no file. */
const APART = /^test\/(oracle|scenario|golden|conformance|deployed|clients|docs|support|architecture)\b/

const OPAQUE = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g
const code = (text: string): string => text.replace(OPAQUE, ' ')
const commentsOf = (text: string): string =>
  (text.match(OPAQUE) ?? []).filter(part => part.startsWith('/')).join('\n')

const linesOf = (text: string): number => text.split('\n').length - 1
const matches = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0
}

const IMPORT = /^\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s*)?'(\.[^']+)'/gm

type Graph = ReadonlyMap<string, readonly string[]>

/** Imports of values between files; imports of types alone are left out. */
function valueImports(): Graph {
  const known = new Set(SOURCES)
  const targets = (path: string): readonly string[] =>
    [...textOf(path).matchAll(IMPORT)]
      .filter(([statement, type]) => type === undefined && !onlyTypes(statement))
      .map(([, , to = '']) => posix.join(posix.dirname(path), to))
      .filter(to => known.has(to))
  return new Map(SOURCES.map(path => [path, targets(path)]))
}

/** Does a statement such as `import { type A, type B } from` name types only? */
function onlyTypes(statement: string): boolean {
  const names = /\{([\s\S]*)\}/
    .exec(statement)?.[1]
    ?.split(',')
    .map(name => name.trim())
  return names?.filter(name => name !== '').every(name => name.startsWith('type ')) === true
}

/** Files from which a chain of imports leads back to themselves. */
function filesInCycles(graph: Graph): readonly string[] {
  const reaches = (from: string): boolean => {
    const seen = new Set<string>()
    const open = [...(graph.get(from) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === from) return true
      if (!seen.has(next)) open.push(...(graph.get(next) ?? []))
      seen.add(next)
    }
    return false
  }
  return [...graph.keys()].filter(reaches)
}

const mirrors = (test: string): boolean => {
  const path = test.slice('test/'.length).replace('.test.ts', '.ts')
  return SOURCES.includes(`lib/${path}`) || SOURCES.includes(path)
}

/** Words that docs/glossary.md replaces. */
const REPLACED =
  /\b(befell|nobody|somebody|whoever|overtaken|laid down|lay down|lays down|come to lie|newest word|is told of|misfit)\b/gi

const foldersOver = (limit: number): number => {
  const folders = Map.groupBy(SOURCES, path => posix.dirname(path))
  return [...folders.values()].filter(files => files.length > limit).length
}

export function figures() {
  const texts = SOURCES.map(textOf)
  const [all, codes] = [texts.join('\n'), texts.map(code).join('\n')]
  const lines = texts.map(linesOf)
  const judged = TESTS.filter(path => !APART.test(path))
  const total = lines.reduce((sum, n) => sum + n, 0)
  const throws = matches(codes, /\bthrow\b/g)
  return {
    fileLinesMedian: quantile(lines, 0.5),
    fileLinesMost: quantile(lines, 1),
    foldersOver25Files: foldersOver(25),
    anyTypes: matches(codes, /[:<]\s*any\b|\bas any\b/g),
    castsPer1000Lines: round((1_000 * matches(codes, /\bas (?!const\b)[A-Za-z{(]/g)) / total),
    bareErrorsPer100Throws: round((100 * matches(codes, /\bthrow new Error\(/g)) / throws),
    filesInImportCycles: filesInCycles(valueImports()).length,
    testsThatMirrorNoFilePer100: round((100 * judged.filter(path => !mirrors(path)).length) / judged.length),
    replacedWordsInComments: matches(commentsOf(all), REPLACED),
  }
}

const round = (value: number): number => Math.ceil(value * 10) / 10
