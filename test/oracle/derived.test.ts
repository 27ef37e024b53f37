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
        if (!same) throw new Error(failure(seed, made, { name, trained: values, answered: answered[name]?.values }))
        const statuses = values.map(value => (value === null ? 'NULL_VALUE' : 'PRESENT'))
        expect(answered[name]?.statuses).toEqual(statuses)
        seen.values += values.length
        seen.held += values.filter(value => value !== null).length
      }
      seen.levels += service.derived.filter(({ from }) =>
        from.some(({ name }) => service.derived.some(({ fullName }) => fullName === name)),
      ).length
      seen.inputs += service.inputs.length
      seen.shared += service.derived.flatMap(({ from }) => from).filter(({ name }) => name.includes('__p_')).length
    }
    expect(seen.held / seen.values).toBeGreaterThan(0.2)
    expect(Math.min(seen.levels, seen.inputs, seen.shared)).toBeGreaterThan(CASES / 4)
  }, 120_000)
})

async function fill(store: TemporaryStore, { plan, views, rows, events }: DerivedCase): Promise<void> {
  const [plain, aggregate] = [viewOf(plan, views.plain), viewOf(plan, views.events)]
  const features = plain.features.map(({ name }) => name)
  const byType = Object.keys(valuesOf([])).map(type => `p_${type}`)
  await store.online.write(
    rows.map(({ who, at, values }) =>
      encodeItem(plain, {
        keys: [who],
        eventTimestamp: at,
        createdTimestamp: null,
        rowHash: 'hash',
        features: features.map(name => values[byType.indexOf(name)] ?? null),
      }),
    ),
  )
  const tiles = events.map(({ who, at, id, values }) => ({
    keys: [who],
    eventTimestamp: at,
    id: idText(id),
    values: { ...values, who },
  }))
  await applyToTiles(store, aggregate, tiles, NOW)
}
