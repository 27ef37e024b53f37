/**
 * The oracle checks changes. Random sequences of edits go through the lock to a real store. After each edit, the
 * prediction must match the result: the class of the change, which rows are computed and which stay, and what callers
 * of the service see. Existing versions return the same values as before, and earlier training sets rebuild
 * unchanged.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Change, classOf } from '../../lib/change/change.ts'
import { changesBetween } from '../../lib/change/changes.ts'
import { LifecycleError, retire } from '../../lib/change/lifecycle.ts'
import { type Lock, lifecycleOf, lockOf, lockText, parseLock } from '../../lib/change/lock.ts'
import { type PlanReport, planReport } from '../../lib/change/plan-report.ts'
import { compile } from '../../lib/compiler/compile.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { RequestError } from '../../lib/online/serving/request-error.ts'
import { viewsInOrder } from '../../lib/plan/order.ts'
import type { Column, Plan, ServicePlan, ViewPlan } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { advanceWatermark, selectLatestRows, writeChunk } from '../../lib/verbs/materialize/materialize.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { rebuildTrainingSet } from '../../lib/verbs/training-set/rebuild-training-set.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { runUpTo } from '../support/run.ts'
import { onEither, type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'
import { anyEdit, anyModel, definitionsOf, type Edit, readers, type StoreModel } from './edit-model.ts'
import { type HistoryRow, visibleRow } from './naive.ts'
import { breaksCallers, naiveClass, naiveIngest, type SourceRow } from './naive-changes.ts'
import { type Random, random } from './random.ts'

const SEQUENCES = 100
const STEPS = 4
const FIRST_SEED = 20_260_101
const START_MS = 1_704_067_200_000
const KEYS = ['x', 'y'].flatMap(k => [1, 2].map(j => ({ k, j })))

const COLUMNS: readonly Column[] = [
  { name: 'k', type: 'string' },
  { name: 'j', type: 'int32' },
  { name: 'happened', type: 'timestamp' },
  { name: 'a', type: 'int32' },
  { name: 'b', type: 'int32' },
]

/** All rows have different instants. Otherwise their hashes would decide which row wins. */
const anyFile = (chance: Random): readonly SourceRow[] =>
  chance.times(8, i => ({
    ...chance.pick(KEYS),
    at: microsOf(START_MS) - BigInt(i * 600_000_000 + chance.below(1_000)) * BigInt(chance.pick([1, 3])),
    a: chance.below(7) - 3,
    b: chance.below(1_000),
  }))

describe('the plan of a change', () => {
  let server: EmbeddedDynamoDb
  beforeAll(async () => {
    server = await startEmbeddedDynamoDb()
  })
  afterAll(() => server.close())

  it(`is what happens, in ${SEQUENCES} sequences of edits`, async () => {
    const seen: Record<string, number> = {}
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEQUENCES; seed++) {
      const chance = random(seed)
      const model = anyModel(chance)
      await using store = await temporaryStore({
        definitions: definitionsOf(model),
        now: START_MS,
        ...onEither(seed, server),
      })
      const sequence = new Sequence(store, { model, files: [anyFile(chance), anyFile(chance)], seen })
      try {
        await sequence.begin()
        for (let i = 0; i < STEPS; i++) await sequence.take(anyEdit(chance, sequence.model))
        await sequence.rebuildAll()
      } catch (error) {
        throw new Error(`seed ${seed}, after ${sequence.log.join('; ')}`, { cause: error })
      }
    }
    for (const kind of ['compatible', 'breaking', 'refused', 'not retired', 'retired', 'backfilled', 'moved'])
      expect([kind, seen[kind]]).toEqual([kind, expect.any(Number)])
  })
})

interface SequenceProps {
  readonly model: StoreModel
  readonly files: readonly (readonly SourceRow[])[]
  /** Counts what happened, so that every part of the test is known to run. */
  readonly seen: Record<string, number>
}

type Answers = ReadonlyMap<string, readonly string[]>

class Sequence {
  readonly log: string[] = []
  model: StoreModel
  readonly #files: SequenceProps['files']
  readonly #seen: SequenceProps['seen']
  #store: TemporaryStore
  #lock: Lock
  #tables: ReadonlyMap<string, readonly HistoryRow[]> = new Map()
  /** By `view@1:feature`, for each key. */
  #answers: Answers = new Map()
  readonly #sets: string[] = []

  constructor(store: TemporaryStore, { model, files, seen }: SequenceProps) {
    this.#store = store
    this.model = model
    this.#files = files
    this.#seen = seen
    this.#lock = lockOf(store.plan, null)
  }

  #count(what: string): void {
    this.#seen[what] = (this.#seen[what] ?? 0) + 1
  }

  async begin(): Promise<void> {
    for (const [i, rows] of this.#files.entries())
      await this.#store.writeSource(
        `rows_${i}.parquet`,
        COLUMNS,
        rows.map(({ k, j, at, a, b }) => [k, j, at, a, b]),
      )
    const report = planReport({
      changes: changesBetween(null, this.#lock, keysOf(this.#store.plan)),
      plan: this.#store.plan,
      lock: this.#lock,
    })
    await this.#apply(report)
    await this.#train()
  }

  async take(edit: Edit): Promise<void> {
    this.log.push(edit.what)
    const lock = this.#lockFor(edit)
    if (lock === null) return
    const plan = compile(definitionsOf(edit.model), lifecycleOf(lock))
    const next = parseLock(lockText(lockOf(plan, lock)), 'the lock')
    const changes = changesBetween(this.#lock, next, keysOf(plan))
    const expected = naiveClass(this.model, edit.model)
    expect(classOf(changes)).toBe(expected)
    this.#count(expected)
    if (expected === 'refused') return
    this.#meaningsStay(changes, plan)
    const before = this.#service()
    const was = { model: this.model, store: this.#store }
    this.#store = this.#store.under(definitionsOf(edit.model))
    this.model = edit.model
    this.#lock = next
    this.#store.setNow(this.#store.clock.now() + 1_000)
    await this.#apply(planReport({ changes, plan, lock: next }))
    await this.#callers(was, before, changes)
    if (expected === 'breaking') await this.#train()
  }

  /** The lock, with the version retired if the edit retires one. Null if the version is still read. */
  #lockFor({ retires }: Edit): Lock | null {
    if (retires === undefined) return this.#lock
    const act = () => retire(this.#lock, retires, { plan: this.#store.plan, on: '2024-01-01' })
    if (readers(this.model, retires) === 0) {
      this.#count('retired')
      return act()
    }
    this.#count('not retired')
    expect(act).toThrow(LifecycleError)
    return null
  }

  #meaningsStay(changes: readonly Change[], plan: Plan): void {
    const touched = new Set(changes.map(({ of }) => of.name))
    for (const view of Object.values(plan.views))
      if (!touched.has(view.key)) expect(view.meaning).toBe(this.#store.plan.views[view.key]?.meaning)
  }

  /** Ingests and materializes everything, and compares each view with its prediction and with the time rule. */
  async #apply({ data, changes }: PlanReport): Promise<void> {
    const predicted = new Map(data.map(effect => [effect.of, effect]))
    for (const view of viewsInOrder(this.#store.plan).flat()) {
      const rows = this.#naiveRows(view.key)
      const effect = predicted.get(view.key)
      const { added, unchanged } = await ingest(this.#store, view)
      expect([view.key, added]).toEqual([view.key, rows.length])
      expect([view.key, unchanged]).toEqual([view.key, effect?.backfill == null])
      const isMaterialized = await this.#materialize(view)
      expect([view.key, isMaterialized]).toEqual([
        view.key,
        effect !== undefined && effect.online !== 'nothing',
      ])
      this.#tables = new Map([...this.#tables, [view.key, [...(this.#tables.get(view.key) ?? []), ...rows]]])
      if (effect?.standing === 'gets columns')
        await this.#columnsAreNew(view, effect.backfill?.columns ?? [], rows.length)
    }
    await this.#compareAnswers(changes)
  }

  #naiveRows(key: string): readonly HistoryRow[] {
    const model = this.model.views.get(key)
    if (model === undefined) throw new Error(`the model has no ${key}`)
    return naiveIngest(model, this.#files, this.#tables, microsOf(this.#store.clock.now()))
  }

  /** Existing rows have null in the new columns. */
  async #columnsAreNew(view: ViewPlan, columns: readonly string[], added: number): Promise<void> {
    this.#count('backfilled')
    const { relation, rows } = await this.#store.offline.table(view)
    for (const column of columns) {
      const [row] = await this.#store.engine.rows(`select count("${column}") as filled from ${relation} t`)
      expect(row?.['filled']).toBe(BigInt(added))
    }
    expect(rows).toBe(this.#tables.get(view.key)?.length)
  }

  /** The three tasks of the workflow. Other tests check its document. */
  async #materialize(view: ViewPlan): Promise<boolean> {
    const run = runUpTo(microsOf(this.#store.clock.now()), [view.key])
    const selected = await selectLatestRows(this.#store, { view: view.key, run })
    const written = []
    for (const chunk of selected.chunks)
      written.push(await writeChunk(this.#store, { view: view.key, chunk }))
    await advanceWatermark(this.#store, { selected: { ...selected, written } })
    return selected.status === 'selected'
  }

  /**
   * Compares every feature of every version and key with the time rule. If only metadata changed, the values must
   * also equal the earlier ones.
   */
  async #compareAnswers(changes: readonly Change[]): Promise<void> {
    const answers = new Map<string, readonly string[]>()
    for (const view of Object.values(this.#store.plan.views)) {
      const references = view.features.map(({ name }) => `${view.key}:${name}`)
      const columns = await this.#ask({ features: references }, view.joinKeys)
      for (const [i, { name }] of view.features.entries())
        answers.set(`${view.key}:${name}`, columns[i]?.texts ?? [])
      expect(view.features.map(({ name }) => answers.get(`${view.key}:${name}`))).toEqual(
        this.#expected(view),
      )
    }
    const older = new Set(changes.filter(({ code }) => code === 'ttl-longer').map(({ of }) => of.name))
    for (const [reference, texts] of this.#answers) {
      const now = answers.get(reference)
      if (now !== undefined && !older.has(reference.split(':')[0] ?? ''))
        expect([reference, now]).toEqual([reference, texts])
    }
    this.#answers = answers
  }

  #expected({ key, features, joinKeys, ttlMs }: ViewPlan): readonly (readonly string[])[] {
    const looking = { asOf: null, asKnown: false }
    const now = microsOf(this.#store.clock.now())
    const history = this.#tables.get(key) ?? []
    return features.map(({ name }) =>
      KEYS.map(entity => {
        const keys = Object.fromEntries(joinKeys.map(key => [key.name, entity[key.name as 'k' | 'j']]))
        const row = visibleRow(history, ttlMs, keys, now, looking)
        if (row === null)
          return visibleRow(history, null, keys, now, looking) === null ? 'NOT_FOUND' : 'OUTSIDE_MAX_AGE'
        return textOf(row.features[name] ?? null)
      }),
    )
  }

  async #ask(
    what: object,
    joinKeys: readonly Column[],
  ): Promise<readonly { readonly name: string; readonly texts: readonly string[] }[]> {
    const entities = Object.fromEntries(
      joinKeys.map(({ name }) => [name, KEYS.map(entity => entity[name as 'k' | 'j'])]),
    )
    const { text } = await onlineFeatures(this.#store)(JSON.stringify({ ...what, entities }))
    // The form of the response has its own tests. Only values and statuses are compared here.
    const { metadata, results } = JSON.parse(text) as {
      readonly metadata: { readonly feature_names: readonly string[] }
      readonly results: readonly { readonly values: readonly Value[]; readonly statuses: readonly string[] }[]
    }
    return results.slice(joinKeys.length).map(({ values, statuses }, i) => ({
      name: metadata.feature_names[joinKeys.length + i] ?? '',
      texts: values.map((value, row) => (value === null ? (statuses[row] ?? '') : textOf(value))),
    }))
  }

  #service(): ServicePlan {
    const service = this.#store.plan.services['served']
    if (service === undefined) throw new Error('the model has no service')
    return service
  }

  /** The earlier request returns the earlier columns, unless the prediction says that it breaks. */
  async #callers(
    was: { readonly model: StoreModel; readonly store: TemporaryStore },
    before: ServicePlan,
    changes: readonly Change[],
  ): Promise<void> {
    const told = changes.some(({ of, class: rank }) => of.kind === 'service' && rank === 'breaking')
    expect(told).toBe(breaksCallers(was.model, this.model))
    const columns = before.uses.flatMap(({ features }) => features)
    const now = new Map(
      this.#service()
        .uses.flatMap(({ features }) => features)
        .map(({ name, type }) => [name, type]),
    )
    const answer = await this.#ask({ feature_service: 'served' }, before.joinKeys).catch((error: unknown) => {
      if (!(error instanceof RequestError)) throw error
      return null
    })
    const isServed =
      answer !== null &&
      columns.every(({ name, type }) => answer.some(one => one.name === name) && now.get(name) === type)
    if (!told) expect(isServed).toBe(true)
    // A column can keep its name and type and get other keys. The change reports this, but a response does not show
    // it.
    else if (isServed)
      expect(changes.map(({ code }) => code)).toEqual(
        expect.arrayContaining([expect.stringMatching(/service-(role|column)/)]),
      )
    if (changes.some(({ code }) => code === 'service-feature-moved')) this.#count('moved')
  }

  async #train(): Promise<void> {
    const service = this.#service()
    const columns: readonly Column[] = [...service.joinKeys, { name: 'event_timestamp', type: 'timestamp' }]
    const now = microsOf(this.#store.clock.now())
    const spine = `spine_${this.#sets.length}.parquet`
    const rows = KEYS.flatMap(entity =>
      [0n, 1_800_000_000n].map(age => [
        ...service.joinKeys.map(({ name }) => entity[name as 'k' | 'j']),
        now - age,
      ]),
    )
    await this.#store.writeSource(spine, columns, rows)
    const { manifest } = await buildTrainingSet(this.#store, service, {
      spine: `${this.#store.root}/${spine}`,
    })
    this.#sets.push(manifest.id)
  }

  async rebuildAll(): Promise<void> {
    for (const id of this.#sets)
      expect(await rebuildTrainingSet(this.#store, id)).toMatchObject({ same: true })
  }
}

const keysOf = (plan: Plan): ReadonlySet<string> => new Set(Object.keys(plan.views))

/** 5, 5n and 5.0 count as equal here, because the type decides between them. */
const textOf = (value: Value): string => String(value)
