/** The compiler's results for programs that use a generated client. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from '@jest/globals'
import { entity, featureService, featureView, fileSource, hours, type JoinKeys } from 'quern'
import * as flights from '../../definitions/flights.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { guardedPlan } from '../online/guarded-store.ts'
import { compileErrors, typescriptOf, WORLDS } from './generated-client.ts'

type Features = Parameters<typeof featureView>[0]['features']

const example = typescriptOf(compile(Object.values(flights)))
const guarded = typescriptOf(guardedPlan)

/**
 * A program of one function. It uses the client of the example store, or that of the guarded store for statements
 * about persons.
 */
const program = (of: string, statements: string): string =>
  `import { createClient } from './${of}.ts'
const client = createClient({ url: 'https://api.example.com' })
export async function use() {
${statements}
}`

const FLIGHT = "{ origin: 'JFK', dest: 'LAX', carrier: 'DL', tailnum: 'N713TW' }"
const asked = `const [row] = await client.departureDelay({ entities: [${FLIGHT}] })\n`
const person = "const [row] = await client.approval({ entities: [{ person: 'ann' }] })\n"

describe('a generated client', () => {
  it.each(Object.keys(WORLDS) as (keyof typeof WORLDS)[])(
    'compiles for %s with all strict flags',
    async world => {
      expect(await compileErrors({ 'flights.ts': example, 'guarded.ts': guarded }, world)).toEqual([])
    },
  )

  it('needs no cast or assertion for correct use', async () => {
    const right = program(
      'flights',
      `${asked}
  if (row?.carrier_day__departures.status === 'PRESENT') return row.carrier_day__departures.value + 1n
  if (row?.temp.status === 'NOT_FOUND') { const none: null = row.temp.eventTimestamp; return none }
  const temp: number | null | undefined = row?.temp.value
  const at: bigint | null | undefined = row?.last_dest.eventTimestamp
  const { same } = await client.checkPlan()
  return [temp, at, same]`,
    )
    const masked = program(
      'guarded',
      `${person}
  if (row?.email.status === 'MASKED') { const hash: string = row.email.value; return hash }
  if (row?.age.status === 'MASKED') { const nothing: null = row.age.value; return nothing }
  return row?.visits.value`,
    )
    const files = { 'flights.ts': example, 'guarded.ts': guarded, 'right.ts': right, 'masked.ts': masked }
    expect(await compileErrors(files)).toEqual([])
  })

  it('does not compile for incorrect use', async () => {
    const wrong = {
      'no-feature': ['flights', `${asked}  return row?.heat`, "Property 'heat' does not exist"],
      'null-is-possible': [
        'flights',
        `${asked}  if (row) { const temp: number = row.temp.value; return temp }\n  return 0`,
        "Type 'number | null' is not assignable to type 'number'",
      ],
      'a-row-may-lack': ['flights', `${asked}  return row.temp`, "'row' is possibly 'undefined'"],
      'another-type': [
        'flights',
        `${asked}  if (row?.seats.status === 'PRESENT') return row.seats.value.toUpperCase()\n  return ''`,
        "Property 'toUpperCase' does not exist on type 'number'",
      ],
      'no-such-status': [
        'flights',
        `${asked}  return row?.temp.status === 'MASKED'`,
        'This comparison appears to be unintentional',
      ],
      'a-key-lacks': [
        'flights',
        "  return client.departureDelay({ entities: [{ origin: 'JFK', dest: 'LAX', carrier: 'DL' }] })",
        "Property 'tailnum' is missing",
      ],
      'a-key-too-much': [
        'flights',
        `  return client.departureDelay({ entities: [{ ...${FLIGHT}, x: 1 }, { x: '' }] })`,
        "'x' does not exist in type 'DepartureDelayEntity'",
      ],
      'no-service': ['flights', '  return client.arrivalDelay({ entities: [] })', "Property 'arrivalDelay'"],
      'a-masked-number': [
        'guarded',
        `${person}  if (row?.age.status === 'MASKED') return row.age.value + 1n\n  return 0n`,
        "'row.age.value' is possibly 'null'",
      ],
    } as const
    const programs = Object.entries(wrong).map(([name, [of, text]]) => [`${name}.ts`, program(of, text)])
    const errors = await compileErrors({
      'flights.ts': example,
      'guarded.ts': guarded,
      ...Object.fromEntries(programs),
    })
    const found = Object.entries(wrong).map(([name, [, , message]]) => [
      name,
      errors.some(error => error.startsWith(`${name}.ts(`) && error.includes(message)),
    ])
    expect({ found: Object.fromEntries(found), errors }).toMatchObject({
      found: Object.fromEntries(Object.keys(wrong).map(name => [name, true])),
    })
    expect(errors.filter(error => error.startsWith('flights.ts') || error.startsWith('guarded.ts'))).toEqual(
      [],
    )
  })
})

describe('a program for an earlier client, after a change of the definitions', () => {
  const person = { name: 'person', joinKeys: { person: 'string' } } as const
  const source = fileSource({ name: 'people', path: 'people.parquet', eventTimestamp: 'at' })
  const before = { visits: 'int64', name: 'string' } as const

  const storeOf = (features: Features, joinKeys: JoinKeys = person.joinKeys): string =>
    typescriptOf(
      compile([
        featureService({
          name: 'visitors',
          features: [
            featureView({
              name: 'visitor',
              entities: [entity({ ...person, joinKeys })],
              source,
              features,
              ttl: hours(1),
            }),
          ],
        }),
      ]),
    )

  const consumer = program(
    'store',
    `  const rows = await client.visitors({ entities: [{ person: 'ann' }] })
  return rows.map(({ visits, name }) => (visits.status === 'PRESENT' ? \`\${name.value} \${visits.value + 1n}\` : ''))`,
  )
  const errorsAfter = (text: string) => compileErrors({ 'store.ts': text, 'consumer.ts': consumer })

  it.each<[string, string]>([
    ['none', storeOf(before)],
    ['a new feature', storeOf({ ...before, age: 'int32' })],
    ['a description', storeOf({ ...before, name: { type: 'string', description: 'ends */ no comment' } })],
  ])('compiles: %s', async (_change, text) => {
    expect(await errorsAfter(text)).toEqual([])
  })

  it.each<[string, string, string]>([
    ['a feature is gone', storeOf({ name: 'string' }), "Property 'visits' does not exist"],
    [
      'a feature has another type',
      storeOf({ ...before, visits: 'float64' }),
      "Operator '+' cannot be applied",
    ],
    [
      'a join key has another type',
      storeOf(before, { person: 'int64' }),
      "is not assignable to type 'bigint'",
    ],
    [
      'there is one more join key',
      storeOf(before, { person: 'string', country: 'string' }),
      "Property 'country' is missing",
    ],
  ])('does not compile: %s', async (_change, text, message) => {
    const errors = await errorsAfter(text)
    expect(errors).toEqual(expect.arrayContaining([expect.stringContaining(message)]))
    expect(errors.filter(error => !error.startsWith('consumer.ts'))).toEqual([])
  })
})

it('docs/clients.md has a program that compiles', async () => {
  const page = await readFile(new URL('../../docs/clients.md', import.meta.url), 'utf8')
  const programs = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = '']) => text)
  expect(programs.length).toBeGreaterThan(0)
  const files = programs.map((text, i) => [`program-${i}.ts`, text])
  expect(await compileErrors({ 'features.ts': example, ...Object.fromEntries(files) }, 'Node')).toEqual([])
})
