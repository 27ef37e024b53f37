/**
 * Derived features have the same value online and offline, to the last bit. Generated services over plain and
 * aggregate views are read online, and in a training set for the same instant. Other oracles check that the values
 * are right.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { encodeItem } from '../../lib/online/item/item.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { type JsonValue, parseJson } from '../../lib/online/item/json-value.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import type { Row } from '../../lib/runtime.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { applyToTiles } from '../../lib/verbs/tiles/apply-events.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'
import { anyDerivedCase, type DerivedCase, NOW, NOW_MS } from './generate-derived.ts'
import { derivedJoinOf, idText } from './judge-derived.ts'
import { random } from './random.ts'

const CASES = 120
const FIRST_SEED = 20_260_301

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
  })
})

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

async function train({ engine }: TemporaryStore, made: DerivedCase): Promise<readonly Row[]> {
  return engine.rows(derivedJoinOf(engine.dialect, made))
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
  // The form of the response has its own tests. Only values and statuses are compared here.
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
