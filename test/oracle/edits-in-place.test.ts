/**
 * The oracle checks edits in place, without a lock. Each sequence makes random edits of definitions, with ingests,
 * runs, pushes, training sets and data changes in between. At the end, every value, online and in a training set,
 * equals that of a new store with the last definitions, the same files and the same pushed rows. Otherwise a verb
 * must have refused the edit by name, and the values must be equal after a reset.
 */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { compareOffline, compareOnline } from '../../lib/cli/effects/compare-stored.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { rereadPushedLines } from '../../lib/local/streams/reread-pushed-lines.ts'
import { viewsInOrder } from '../../lib/plan/order.ts'
import type { Column, ServicePlan, ViewPlan } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { timestampText } from '../../lib/sql/dialect.ts'
import { StoreError } from '../../lib/store-error.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { lineRereader } from '../../lib/verbs/ingest/reread-line.ts'
import { advanceWatermark, selectLatestRows, writeChunk } from '../../lib/verbs/materialize/materialize.ts'
import { pusher } from '../../lib/verbs/push/push.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { compareTable } from '../../lib/verbs/tables/open-table.ts'
import { pushedKeysOf, resetView, viewsToReset } from '../../lib/verbs/tables/reset-views.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { runUpTo } from '../support/run.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'
import {
  anyEditInPlace,
  anyPlace,
  definitionsIn,
  fieldsOf,
  isStream,
  isWindows,
  type PlaceModel,
} from './edits-in-place-model.ts'
import { type Random, random } from './random.ts'

const SEQUENCES = 200
/** The number of edits of each sequence. */
const STEPS = [1, 2, 2, 3]
const FIRST_SEED = 20_260_501
const START_MS = 1_704_067_200_000
const MINUTE = 60_000_000n
const KEYS = ['x', 'y'].flatMap(k => [1, 2].map(j => ({ k, j })))
const REFUSALS = ['definition-differs', 'rows-outdated']

const COLUMNS: readonly Column[] = [
  { name: 'k', type: 'string' },
  { name: 'j', type: 'int32' },
  { name: 'n', type: 'int32' },
  { name: 'happened', type: 'timestamp' },
  { name: 'seen', type: 'timestamp' },
  { name: 'a', type: 'int32' },
  { name: 'b', type: 'int32' },
]

interface SourceRow {
  readonly k: string
  readonly j: number
  readonly n: number
  readonly happened: bigint
  readonly seen: bigint
  readonly a: number
  readonly b: number
}

/** A pushed row or event. */
interface Pushed {
  readonly fields: Readonly<Record<string, string | number | null>>
  readonly arrived: bigint
}

type Outcome = 'done' | 'refused'

describe('definitions that are edited in place', () => {
  let stores: { readonly edited: TemporaryStore; readonly fresh: TemporaryStore }

  beforeAll(async () => {
    const [edited, fresh] = [
      await temporaryStore({ definitions: [], now: START_MS }),
      await temporaryStore({ definitions: [], now: START_MS }),
    ]
    stores = { edited, fresh }
    for (const store of [edited, fresh])
      await store.writeSource(
        'spine.parquet',
        [
          { name: 'k', type: 'string' },
          { name: 'j', type: 'int32' },
          { name: 'event_timestamp', type: 'timestamp' },
        ],
        KEYS.flatMap(({ k, j }) =>
          [0n, 45n, 200n].map(age => [k, j, microsOf(START_MS) + 60n * MINUTE - age * MINUTE]),
        ),
      )
  })
  afterAll(async () => {
    await stores.edited[Symbol.asyncDispose]()
    await stores.fresh[Symbol.asyncDispose]()
  })

  it(`leave fresh values or a refusal by name, in ${SEQUENCES} sequences`, async () => {
    const seen: Record<string, number> = {}
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEQUENCES; seed++) {
      const sequence = new Sequence(stores, { name: `s${seed - FIRST_SEED}`, chance: random(seed), seen })
      try {
        await sequence.run()
      } catch (error) {
        throw new Error(`seed ${seed}, after ${sequence.log.join('; ')}`, { cause: error })
      }
    }
    for (const kind of ['right at once', 'right after a reset', 'refused', 'harmless', 'pushed', 'set aside'])
      expect([kind, seen[kind]]).toEqual([kind, expect.any(Number)])
  }, 900_000)
})

interface SequenceProps {
  readonly name: string
  readonly chance: Random
  readonly seen: Record<string, number>
}

class Sequence {
  readonly log: string[] = []
  readonly #stores: { readonly edited: TemporaryStore; readonly fresh: TemporaryStore }
  readonly #name: string
  readonly #chance: Random
  readonly #seen: Record<string, number>
  readonly #files: [SourceRow[], SourceRow[]] = [[], []]
  readonly #pushed: Pushed[] = []
  #model: PlaceModel
  #now = START_MS
  #next = 0
  #isHarmless = true

  constructor(stores: Sequence['stores'], { name, chance, seen }: SequenceProps) {
    this.#stores = stores
    this.#name = name
    this.#chance = chance
    this.#seen = seen
    this.#model = anyPlace(chance)
    this.log.push(this.#model.kind)
  }

  get stores(): { readonly edited: TemporaryStore; readonly fresh: TemporaryStore } {
    return this.#stores
  }

  #count(what: string): void {
    this.#seen[what] = (this.#seen[what] ?? 0) + 1
  }

  async run(): Promise<void> {
    await this.#changeData()
    for (const verb of ['ingest', 'materialize'] as const) await this.#attempt(verb)
    for (let i = this.#chance.pick(STEPS); i > 0; i--) {
      if (this.#chance.chance(0.4)) await this.#attempt('push')
      if (this.#chance.chance(0.4)) await this.#changeData()
      this.#edit()
      for (const verb of this.#chance
        .shuffle(['ingest', 'materialize', 'get', 'push', 'train'] as const)
        .slice(0, this.#chance.pick([1, 1, 2])))
        await this.#attempt(verb)
    }
    await this.#finish()
  }

  #edit(): void {
    const { what, isHarmless, model } = anyEditInPlace(this.#chance, this.#model)
    this.log.push(what)
    this.#model = model
    this.#isHarmless &&= isHarmless
  }

  /** Adds rows, and sometimes corrects a row. Events are not corrected. */
  async #changeData(): Promise<void> {
    this.#tick()
    if (isStream(this.#model)) return
    for (const [i, rows] of this.#files.entries()) {
      const [first] = rows
      if (first !== undefined && !isWindows(this.#model)) rows[0] = { ...first, b: this.#chance.below(1_000) }
      rows.push(...this.#chance.times(3, () => this.#anyRow()))
      const values = rows.map(row => COLUMNS.map(({ name }) => row[name as keyof SourceRow]))
      const path = `${this.#name}_${i}.parquet`
      await this.#stores.edited.writeSource(path, COLUMNS, values)
      await copyFile(join(this.#stores.edited.root, path), join(this.#stores.fresh.root, path))
    }
    this.log.push('more rows')
  }

  /** All rows have different instants. Otherwise their hashes would decide which row wins. */
  #anyRow(): SourceRow {
    const n = this.#next++
    const happened = microsOf(this.#now) - BigInt(this.#chance.below(200)) * MINUTE - BigInt(n)
    const seen = happened - 7n * MINUTE
    return {
      ...this.#chance.pick(KEYS),
      n,
      happened,
      seen,
      a: this.#chance.below(9) - 3,
      b: this.#chance.below(1_000),
    }
  }

  #tick(): void {
    this.#now += 60_000
    this.#stores.edited.setNow(this.#now)
  }

  async #attempt(verb: 'ingest' | 'materialize' | 'get' | 'push' | 'train'): Promise<Outcome> {
    this.#tick()
    const store = this.#stores.edited.under(definitionsIn(this.#model, this.#name))
    const acts = {
      ingest: () => ingestAll(store),
      materialize: () => materializeAll(store),
      get: () => answerOf(store),
      train: () => trainingRows(store),
      push: () => this.#push(store),
    }
    const outcome = await outcomeOf(acts[verb])
    this.log.push(outcome === 'done' ? verb : `${verb} refused`)
    if (outcome === 'refused') this.#count('refused')
    return outcome
  }

  async #push(store: TemporaryStore): Promise<void> {
    const one = this.#anyPushed(store)
    await push(store, this.#name, this.#model, [one])
    this.#pushed.push(one)
    this.#count('pushed')
  }

  #anyPushed({ plan }: TemporaryStore): Pushed {
    const arrived = microsOf(this.#now)
    const { happened, ...row } = this.#anyRow()
    const at = instantText(happened)
    if (isStream(this.#model)) {
      const { k, j, n, a, b } = row
      return { fields: { k, j, n, a, [this.#model.field]: b, happened: at }, arrived }
    }
    const features = plan.views[`${this.#name}@1`]?.features ?? []
    const values = features.map(({ name }) => [name, this.#chance.below(50)])
    const keys = this.#model.keys.map(key => [key, row[key]])
    return { fields: Object.fromEntries([...keys, ['event_timestamp', at], ...values]), arrived }
  }

  async #finish(): Promise<void> {
    const outcomes = [await this.#attempt('ingest'), await this.#attempt('materialize')]
    const refused = outcomes.includes('refused')
    if (this.#isHarmless) {
      this.#count('harmless')
      expect(refused).toBe(false)
    }
    if (refused) await this.#reset()
    this.#count(refused ? 'right after a reset' : 'right at once')
    const definitions = definitionsIn(this.#model, this.#name)
    const fresh = await this.#fresh(definitions)
    const edited = this.#stores.edited.under(definitions)
    expect(await answerOf(edited)).toEqual(await answerOf(fresh))
    if (this.#chance.chance(0.4)) expect(await trainingRows(edited)).toEqual(await trainingRows(fresh))
  }

  async #reset(): Promise<void> {
    this.log.push('reset')
    const store = this.#stores.edited.under(definitionsIn(this.#model, this.#name))
    const views = viewsToReset(store.plan, viewsOf(store))
    for (const view of views) await resetView(store, view)
    for (const key of pushedKeysOf(store.plan, views)) {
      const { refused } = await rereadPushedLines(store.objects, key, lineRereader(store.plan, key))
      if (refused !== null) this.#count('set aside')
    }
    expect([await this.#attempt('ingest'), await this.#attempt('materialize')]).toEqual(['done', 'done'])
  }

  /** A store that never had other definitions. */
  async #fresh(definitions: readonly unknown[]): Promise<TemporaryStore> {
    const fresh = this.#stores.fresh.under(definitions)
    fresh.setNow(this.#now)
    await push(
      fresh,
      this.#name,
      this.#model,
      this.#pushed.flatMap(one => this.#asPushedNow(fresh, one)),
    )
    await ingestAll(fresh)
    await materializeAll(fresh)
    return fresh
  }

  /**
   * The pushed row under the current definitions: without removed fields, and with null for new ones. None if fields
   * were both removed and added.
   */
  #asPushedNow({ plan }: TemporaryStore, { fields, arrived }: Pushed): readonly Pushed[] {
    const view = plan.views[`${this.#name}@1`]
    const names = isStream(this.#model)
      ? [...Object.keys(fieldsOf(this.#model)), 'happened']
      : [...this.#model.keys, 'event_timestamp', ...(view?.features ?? []).map(({ name }) => name)]
    const isGone = Object.keys(fields).some(name => !names.includes(name))
    const isNew = names.some(name => !Object.hasOwn(fields, name))
    if (isGone && isNew) return []
    const now = { fields: Object.fromEntries(names.map(name => [name, fields[name] ?? null])), arrived }
    return this.#model.keys.some(key => now.fields[key] === null) ? [] : [now]
  }
}

const instantText = (micros: bigint): string => `${timestampText(micros).replace(' ', 'T')}Z`

const viewsOf = ({ plan }: TemporaryStore): readonly ViewPlan[] => viewsInOrder(plan).flat()

async function outcomeOf(act: () => Promise<unknown>): Promise<Outcome> {
  try {
    await act()
    return 'done'
  } catch (error) {
    if (error instanceof StoreError && REFUSALS.includes(error.code)) return 'refused'
    throw error
  }
}

async function push(
  store: TemporaryStore,
  name: string,
  model: PlaceModel,
  pushed: readonly Pushed[],
): Promise<void> {
  const act = pusher({
    ...store,
    pushed: folderPushedRows(store.objects),
    compare: view => compareTable(store, view),
  })
  const records = pushed.map(({ fields, arrived }, i) => ({
    id: String(i),
    arrived,
    text: JSON.stringify(
      isStream(model) ? { source: `${name}_events`, event: fields } : { view: `${name}@1`, row: fields },
    ),
  }))
  for (const record of isWindows(model) && !isStream(model) ? [] : records) {
    const { refused, failed } = await act([record])
    expect([refused, failed]).toEqual([[], []])
  }
}

async function ingestAll(store: TemporaryStore): Promise<void> {
  for (const view of viewsOf(store)) await ingest(store, view)
}

async function materializeAll(store: TemporaryStore): Promise<void> {
  await compareOffline({ ...store, environment: null }, viewsOf(store))
  for (const { key } of viewsOf(store)) {
    const run = runUpTo(microsOf(store.clock.now()), [key], {
      startedAt: new Date(store.clock.now()).toISOString(),
    })
    const selected = await selectLatestRows(store, { view: key, run })
    const written = []
    for (const chunk of selected.chunks) written.push(await writeChunk(store, { view: key, chunk }))
    await advanceWatermark(store, { selected: { ...selected, written } })
  }
}

const served = ({ plan }: TemporaryStore): ServicePlan => plan.services['served'] as ServicePlan

async function answerOf(store: TemporaryStore): Promise<unknown> {
  await compareOnline({ ...store, environment: null }, viewsOf(store))
  const service = served(store)
  const entities = Object.fromEntries(
    service.joinKeys.map(({ name }) => [name, KEYS.map(key => key[name as 'k' | 'j'])]),
  )
  const { text } = await onlineFeatures(store)(JSON.stringify({ feature_service: 'served', entities }))
  return JSON.parse(text)
}

async function trainingRows(store: TemporaryStore): Promise<unknown> {
  const { path } = await buildTrainingSet(store, served(store), { spine: join(store.root, 'spine.parquet') })
  const rows = await store.engine.rows(`select * from ${store.engine.files([path], 'parquet')} t`)
  return rows.map(row => Object.entries(row).map(([name, value]) => `${name}=${String(value)}`))
}
