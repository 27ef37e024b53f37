/** Reads files as text and returns what the table of rooms does not allow. */
import { posix } from 'node:path'
import { ROOMS, type Room } from './rooms.ts'

export interface SourceFile {
  /** Relative to the project folder, with `/`. */
  readonly path: string
  readonly text: string
}

interface Import {
  readonly from: string
  readonly typeOnly: boolean
}

/** All violations of a file against the rules of its room, one per line. */
export function violations({ path, text }: SourceFile): readonly string[] {
  const room = roomOf(path)
  if (room === undefined) return [`${path} is in no room`]
  const imports = importsOf(text).flatMap(one => forbidden(room, path, one))
  return [...imports, ...(room.pure === true ? impurities(path, text) : [])]
}

const roomOf = (path: string): Room | undefined => ROOMS.find(room => isWithin(path, [room.path]))

const isWithin = (path: string, places: readonly string[]): boolean =>
  places.some(place => (place.endsWith('/') ? path.startsWith(place) : path === place))

function forbidden(room: Room, path: string, { from, typeOnly }: Import): readonly string[] {
  if (!from.startsWith('.')) return room.packages.test(from) ? [] : [`${path} imports ${from}`]
  const target = posix.join(posix.dirname(path), from)
  if (isWithin(target, [room.path, ...room.imports])) return []
  if (!isWithin(target, room.types ?? [])) return [`${path} imports ${target}`]
  return typeOnly ? [] : [`${path} imports ${target} for more than its types`]
}

/** A comment or a quoted text. The one that opens first wins. */
const OPAQUE = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g

const withoutComments = (text: string): string =>
  text.replace(OPAQUE, found => (found.startsWith('/') ? ' ' : found))

/** The `/` prevents that a division after a text is read as a regular expression. */
const withoutTexts = (text: string): string =>
  text.replace(OPAQUE, found => (found.startsWith('/') ? ' ' : "''"))

const STATEMENT = /^\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]/gm
const CALL = /\b(?:import|require)\(\s*['"]([^'"]+)['"]/g

function importsOf(text: string): readonly Import[] {
  const code = withoutComments(text)
  const statements = [...code.matchAll(STATEMENT)].map(([, type, from = '']) => ({
    from,
    typeOnly: type !== undefined,
  }))
  const calls = [...code.matchAll(CALL)].map(([, from = '']) => ({ from, typeOnly: false }))
  return [...statements, ...calls]
}

const IMPURE: Readonly<Record<string, RegExp>> = {
  'reads the clock':
    /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bnew Date\b(?!\()|\bperformance\b|\bTemporal\.Now\b/,
  'reads the process': /\bprocess\s*[.[]|\bglobalThis\b/,
  'depends on chance': /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b/,
  'promises something': /\basync\b|\bawait\b|\bPromise\b/,
  'waits or calls out': /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bfetch\(/,
  prints: /\bconsole\./,
}

function impurities(path: string, text: string): readonly string[] {
  const code = withoutTexts(text)
  return Object.entries(IMPURE).flatMap(([what, pattern]) => (pattern.test(code) ? [`${path} ${what}`] : []))
}
