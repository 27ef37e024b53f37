/**
 * Derived features are the same on both sides, to the last bit: generated services over plain and aggregate views, asked
 * online and in a training set of that instant. That either is right is for the oracles of expressions, windows and rows.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Column, viewOf } from '../../lib/compiler/plan.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { pointInTimeJoin, SPINE_ROW } from '../../lib/offline/point-in-time-join.ts'
import { spineNeeds } from '../../lib/offline/spine.ts'
import { tableColumns } from '../../lib/offline/table.ts'
import { encodeItem } from '../../lib/online/item.ts'
import { jsonCodec } from '../../lib/online/json-codec.ts'
import { type JsonValue, parseJson } from '../../lib/online/json-value.ts'
import { microsOf } from '../../lib/point-in-time.ts'
import type { Row } from '../../lib/runtime.ts'
import { applyToTiles } from '../../lib/verbs/apply-events.ts'
import { onlineFeatures } from '../../lib/verbs/get-online-features.ts'
import { type TemporaryStore, temporaryStore } from '../temporary-store.ts'
import { anyDerivedCase, type DerivedCase, NOW_MS } from './generate-derived.ts'
import { random } from './random.ts'
import { rowsSelect } from './sql-values.ts'

const CASES = 120
const FIRST_SEED = 20_260_301
const NOW = microsOf(NOW_MS)

describe('derived features', () => {
  let store: TemporaryStore
  beforeAll(async () => {
    store = await temporaryStore({ definitions: [], now: NOW_MS })
  })
  afterAll(() => store[Symbol.asyncDispose]())

  it(`are online what they are in training sets, in ${CASES} generated services`, async () => {
    const seen = { values: 0, held: 0, levels: 0, inputs: 0, shared: 0 }
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const made = anyDerivedCase(random(seed), String(seed - FIRST_SEED))
      const { service } = made
      await fill(store, made)
      const trained = await train(store, made)
      const answered = await ask(store, made)
      for (const { name, type } of service.derived) {
        const values = trained.map(row => parseJson(jsonCodec(type).write(row[name] ?? null)))
        const same = values.every((value, i) => Object.is(value, answered[name]?.values[i]))
        if (!same)
          throw new Error(failure(seed, made, { name, trained: values, answered: answered[name]?.values }))
        const statuses = values.map(value => (value === null ? 'NULL_VALUE' : 'PRESENT'))
        expect(answered[name]?.statuses).toEqual(statuses)
        seen.values += values.length
        seen.held += values.filter(value => value !== null).length
      }
      seen.levels += service.derived.filter(({ from }) =>
        from.some(({ name }) => service.derived.some(({ fullName }) => fullName === name)),
      ).length
      seen.inputs += service.inputs.length
      seen.shared += service.derived
        .flatMap(({ from }) => from)
        .filter(({ name }) => name.includes('__p_')).length
    }
    expect(seen.held / seen.values).toBeGreaterThan(0.2)
    expect(Math.min(seen.levels, seen.inputs, seen.shared)).toBeGreaterThan(CASES / 4)
  }, 120_000)
})

const idText = (id: number): string => `${String(id).length}:${id}`

async function fill(store: TemporaryStore, { plan, views, rows, events }: DerivedCase): Promise<void> {
  const [plain, aggregate] = [viewOf(plan, views.plain), viewOf(plan, views.events)]
  const items = rows.map(({ who, at, values }) =>
    encodeItem(plain, {
      keys: [who],
      eventTimestamp: at,
      createdTimestamp: null,
      rowHash: 'hash',
      features: plain.features.map(({ name }) => values[name] ?? null),
    }),
  )
  await store.online.write(items)
  const tiles = events.map(({ who, at, id, values }) => ({
    keys: [who],
    eventTimestamp: at,
    id: idText(id),
    values: { ...values, who },
  }))
  await applyToTiles(store, aggregate, tiles, NOW)
}

const cellsOf = (columns: readonly Column[], row: Readonly<Record<string, Value>>): readonly Value[] =>
  columns.map(({ name }) => row[name] ?? null)

async function train({ engine }: TemporaryStore, made: DerivedCase): Promise<readonly Row[]> {
  const { plan, service, views, rows, events, asked } = made
  const { dialect } = engine
  const relation = (columns: readonly Column[], of: readonly Readonly<Record<string, Value>>[]): string =>
    `(${rowsSelect(
      dialect,
      columns,
      of.map(row => cellsOf(columns, row)),
    )})`
  const row = ({ who, at }: { readonly who: string; readonly at: bigint }) => ({
    who,
    event_timestamp: at,
    row_hash: 'hash',
  })
  const spine: readonly Column[] = [{ name: SPINE_ROW, type: 'int64' }, ...spineNeeds([service])]
  const sql = pointInTimeJoin({
    dialect,
    plan,
    service,
    spine: relation(
      spine,
      asked.map((one, i) => ({ ...one, [SPINE_ROW]: BigInt(i), event_timestamp: NOW })),
    ),
    spineColumns: ['who'],
    tables: {
      [views.plain]: relation(
        tableColumns(viewOf(plan, views.plain)),
        rows.map(one => ({ ...row(one), ...one.values })),
      ),
      [views.events]: relation(
        tableColumns(viewOf(plan, views.events)),
        events.map(one => ({ ...row(one), quern_event: idText(one.id), ...one.values })),
      ),
    },
    ordered: true,
  })
  return engine.rows(sql)
}

interface AnswerColumn {
  readonly values: readonly JsonValue[]
  readonly statuses: readonly string[]
}

async function ask(store: TemporaryStore, { plan, service, asked }: DerivedCase) {
  const columns = [...service.joinKeys, ...service.request].map(({ name, type }) => {
    const values = asked.map(row => jsonCodec(type).write(row[name] ?? null))
    return `${JSON.stringify(name)}:[${values.join(',')}]`
  })
  const body = `{"feature_service":${JSON.stringify(service.name)},"entities":{${columns.join(',')}}}`
  const { text } = await onlineFeatures({ ...store, plan })(body)
  // The answer's form is fixed by its own tests; here only values and statuses are compared.
  const { metadata, results } = parseJson(text) as unknown as {
    metadata: { feature_names: readonly string[] }
    results: readonly AnswerColumn[]
  }
  return Object.fromEntries(metadata.feature_names.map((name, i) => [name, results[i]]))
}

interface Difference {
  readonly name: string
  readonly trained: readonly JsonValue[]
  readonly answered: readonly JsonValue[] | undefined
}

const failure = (
  seed: number,
  { service, ...made }: DerivedCase,
  { name, trained, answered }: Difference,
): string =>
  [
    `seed ${seed}: ${name} is`,
    `  trained  ${json(trained)}`,
    `  answered ${json(answered)}`,
    `derived: ${json(service.derived)}`,
    `asked: ${json(made.asked)}`,
    `rows: ${json(made.rows)}`,
    `events: ${json(made.events)}`,
  ].join('\n')

const json = (data: unknown): string =>
  JSON.stringify(data, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
