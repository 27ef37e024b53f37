/**
 * Generates difficult text files from a seed: values at the limits of every type, every way to write them, and
 * damage.
 */
import type { CsvDialect } from '../../lib/plan/plan.ts'
import type { Random } from './random.ts'

const WHOLE = ['0', '1', '-7', '42', '9007199254740992', '9007199254740993', '-9007199254740994']
const VALUES: readonly (readonly string[])[] = [
  WHOLE,
  ['1', '20', '300', '-4'],
  [
    ...WHOLE,
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775809',
    '1'.repeat(38),
    '1'.repeat(39),
  ],
  ['1.5', '0.4', '2', '-0', '.5', '5.', '1e5', '1E-400', '12.', '100'],
  ['1.25', '9007199254740993', '9007199254740993.5', '0.1', '12345678901234567890'],
  ['1.5', 'NaN', 'inf', '-Infinity', '1e308', '1e400', '-1.8e308'],
  ['nan', 'NaN', 'INF'],
  ['true', 'FALSE', 'True'],
  ['two\nlines', 'two\r\nlines', 'one'],
  ['007', '7', '+7', '0x1F', '1_000', '1,000', ' 5', '5 '],
  ['2024-01-05', '2024-02-29', '1999-12-31'],
  ['2024-01-05', '2023-02-29', '2024-13-01', '0000-01-01', '10000-01-01'],
  ['2024-01-05', '2024-01-05 10:00', '2024-01-05T18:30:00.123456', '2024-01-05 00:00:00.1000000'],
  [
    '2024-01-05T10:00:00Z',
    '2024-01-05 18:30:00+02:00',
    '2024-01-05T10:00:00.5+0530',
    '2024-01-05',
    '2024-01-05 10:00 UTC',
  ],
  ['2024-01-05T10:00:00Z', '2024-01-05 10:00:00', '2024-01-05'],
  ['2024-01-05T10:00:00.1234567Z', '2024-01-05T10:00:00Z'],
  [
    '2024-01-05 24:00:00',
    '2024-01-05 10:00:00 EST',
    '2024-01-05 10:00:00+15',
    '2024-01-05 10:00:00 Z',
    '2024-01-05 10:00:60',
  ],
  ['03/04/2024', '13/04/2024 10:00:00', '2024/01/05'],
  [
    '#a',
    '#1',
    '--',
    "it's",
    'say "hi"',
    'a,b',
    'two\nlines',
    'two\r\nlines',
    '',
    '\\',
    '\u2028',
    'é😀',
    'x\ufeff',
    '\ufeffx',
    'null',
    'NULL',
    'NA',
  ],
]

/** The values of a column, nulls included. A rare value can come late. */
export function columnOf(random: Random, rows: number): readonly (string | null)[] {
  const values = random.pick(VALUES)
  const common = random.chance(0.5) ? values.slice(0, 2) : values
  const nulls = random.pick([0, 0, 0.2, 1])
  return random.times(rows, i => {
    if (random.chance(nulls)) return null
    return i === rows - 1 ? random.pick(values) : random.pick(common)
  })
}

const NAMES = ['id', 'ts', 'x', 'Label', 'a b', 'a,b', 'a"b', 'é', '#n', 'select', 'line\nbreak']

export interface TextCase {
  readonly bytes: Buffer
  readonly isGzip: boolean
  /** The options of a CSV file. @default no options */
  readonly csv?: CsvDialect
}

export function csvCase(random: Random): TextCase {
  const width = 1 + random.below(4)
  const names = random.shuffle(NAMES).slice(0, width)
  const rows = random.below(12)
  const columns = names.map(() => columnOf(random, rows))
  const endings = random.pick([['\n'], ['\r\n'], ['\n', '\r\n']])
  const quoteAll = random.chance(0.2)
  const csv = random.pick([
    { delimiter: ',', nulls: [] },
    { delimiter: ';', nulls: ['NA', 'null', '7'] },
    { delimiter: '\t', nulls: [] },
    { delimiter: '|', nulls: ['1.5', '--', '\\'] },
  ])
  const line = (cells: readonly (string | null)[]): string =>
    cells.map(cell => field(random, cell, quoteAll, csv.delimiter)).join(csv.delimiter)
  const lines = [line(names)]
  for (let row = 0; row < rows; row++) lines.push(line(columns.map(column => column[row] ?? null)))
  if (random.chance(0.1)) lines.splice(1 + random.below(lines.length), 0, '')
  if (random.chance(0.05)) lines.push(lines[0] ?? '')
  const text = lines.map(line => line + random.pick(endings)).join('')
  const whole = random.chance(0.2) ? text.replace(/\r?\n$/, '') : text
  return {
    bytes: damaged(random, Buffer.from((random.chance(0.1) ? '\ufeff' : '') + whole)),
    isGzip: random.chance(0.2),
    csv,
  }
}

const field = (random: Random, value: string | null, quoteAll: boolean, delimiter: string): string => {
  if (value === null) return ''
  const mustBe = value === '' || /["\r\n]/.test(value) || value.includes(delimiter)
  return quoteAll || mustBe || random.chance(0.1) ? `"${value.replaceAll('"', '""')}"` : value
}

/** One file in eight has an extra, a missing or a changed byte. */
function damaged(random: Random, bytes: Buffer): Buffer {
  if (!random.chance(0.12) || bytes.length === 0) return bytes
  const at = random.below(bytes.length)
  const byte = Buffer.from([random.pick([0x22, 0x2c, 0x0a, 0x0d, 0x00, 0xff, 0xc3, 0x61, 0x7b, 0x5d])])
  const after = bytes.subarray(at + (random.chance(0.5) ? 1 : 0))
  return random.chance(0.2) ? bytes.subarray(0, at) : Buffer.concat([bytes.subarray(0, at), byte, after])
}

const JSON_VALUES: readonly (readonly string[])[] = [
  ['1', '2', '-0', '1.0', '1e2', '9007199254740993', '9223372036854775808', '1e400', '0.1'],
  ['1', '2', '3'],
  ['true', 'false'],
  [
    '"a"',
    '"#b"',
    '""',
    '"say \\"hi\\""',
    '"\\u00e9\\ud83d\\ude00"',
    '"two\\nlines"',
    '"\u2028"',
    '"a,b"',
    '"007"',
  ],
  ['"2024-01-05"', '"2024-01-05T10:00:00Z"', '"2024-01-05 10:00:00"'],
  ['"2024-01-05 10:00:00"', '"2024-01-06 10:00:00.5"'],
  ['[1, 2]', '[]', '[9007199254740993]', '[null, 3]', '["a", "b,\\"c\\""]', '[1.5]'],
  ['[1, 2]', '[]', '[null, 3]'],
  ['{"a": 1}', '{"a": {"b": [1, 2.50]}}', '{}'],
  ['1', '"a"', 'true', '[1]', '{"k": "v"}'],
  ['"\\ud800"', '"\\u0000"', '"a"', 'NaN', '01', '1.', '+1', "'a'"],
]

export function jsonLinesCase(random: Random): TextCase {
  const names = random.shuffle(['id', 'ts', 'x', 'Label', 'a b', 'a"b', 'é']).slice(0, 1 + random.below(4))
  const kinds = names.map(() => random.pick(random.chance(0.8) ? JSON_VALUES.slice(0, -1) : JSON_VALUES))
  const lines = random.times(random.below(12), () => {
    const members = names.flatMap((name, i) => {
      if (random.chance(0.2)) return []
      const written = random.chance(0.05) ? name.toUpperCase() : name
      const value = random.chance(0.1) ? 'null' : random.pick(kinds[i] ?? [])
      return [`${JSON.stringify(written)}${random.pick([':', ': ', ' : '])}${value}`]
    })
    if (random.chance(0.02)) members.push('"id": 1')
    return `{${(random.chance(0.1) ? random.shuffle(members) : members).join(random.pick([',', ', ']))}}`
  })
  const text = lines.map(line => line + random.pick(['\n', '\r\n', '\n\n'])).join('')
  return { bytes: damaged(random, Buffer.from(text)), isGzip: random.chance(0.2) }
}
