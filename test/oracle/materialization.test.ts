/**
 * The oracle checks materialization after any sequence of ingests and runs (incremental, overlapping, out of order).
 * The online values of every entity follow the time rule over the rows that the runs covered. After a run up to now,
 * they equal a training set at that instant. It uses real files, real SQL, the real workflow on the interpreter, the
 * wire protocol, and real requests and responses.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { materializationTasks } from '../../lambdas/materialization.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { CREATED, EVENT, ROW_HASH } from '../../lib/offline/table.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { parseJson } from '../../lib/online/item/json-value.ts'
import { type Column, featuresOf, type ViewPlan } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import type { RunInput } from '../../lib/verbs/materialize/materialize.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { onEither, type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'
import { anyHistory, anyInstant, anyKeys, anyStore } from './generate.ts'
import { type HistoryRow, text, visibleRow } from './naive.ts'
import { type Random, random } from './random.ts'

const SEQUENCES = 30
const STEPS = 6
const FIRST_SEED = 20_250_101
/** Most generated instants are before this one. */
const START_MS = 1_704_067_200_000

describe('materialization', () => {
  let server: EmbeddedDynamoDb
  beforeAll(async () => {
    server = await startEmbeddedDynamoDb()
  })
  afterAll(() => server.close())

  it(`agrees with the oracle after each step of ${SEQUENCES} generated sequences`, async () => {
    const seen = { answers: 0, found: 0, trainingSets: 0 }
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEQUENCES; seed++) {
      const chance = random(seed)
      await using store = await temporaryStore({
        definitions: anyStore(chance),
        now: START_MS,
        ...onEither(seed, server),
      })
      const sequence = new Sequence(store, chance)
      try {
        await sequence.ingest()
        for (let i = 0; i < STEPS; i++) await sequence.step(seen)
        await sequence.run({ from: null, to: null })
        await sequence.compare(seen)
      } catch (error) {
        const plan = JSON.stringify(store.plan)
        throw new Error(`seed ${seed}, after ${sequence.log.join('; ')}\nplan: ${plan}`, { cause: error })
      }
    }
    expect(seen.found / seen.answers).toBeGreaterThan(0.4)
    expect(seen.trainingSets).toBeGreaterThan(SEQUENCES)
  })
})

interface Seen {
  answers: number
  found: number
  trainingSets: number
}

/** A store, and the rows that its runs have covered. */
class Sequence {
  readonly log: string[] = []
  readonly #store: TemporaryStore
  readonly #random: Random
  readonly #view: ViewPlan
  readonly #keys: readonly (readonly Value[])[]
  #covered: readonly HistoryRow[] = []
  /** True if the runs covered every row that is true by now. */
  #complete = false

  constructor(store: TemporaryStore, chance: Random) {
    this.#store = store
    this.#random = chance
    this.#view = Object.values(store.plan.views)[0] as ViewPlan
    this.#keys = anyKeys(chance, this.#view)
  }

  async step(seen: Seen): Promise<void> {
    const kind = this.#random.pick([
      'ingest',
      'ingest',
      'clock',
      'incremental',
      'incremental',
      'window',
      'early',
    ])
    if (kind === 'ingest') await this.ingest()
    else if (kind === 'clock') this.#advanceClock()
    else if (kind === 'incremental') await this.run({ from: null, to: null })
    else if (kind === 'early') await this.run({ from: null, to: this.#upToNow() })
    else await this.run(this.#window())
    await this.compare(seen)
  }

  #now = (): bigint => microsOf(this.#store.clock.now())

  #upToNow(): bigint {
    const instant = anyInstant(this.#random)
    return instant < this.#now() ? instant : this.#now()
  }

  #window() {
    const ends = [this.#upToNow(), this.#upToNow()].sort((a, b) => (a < b ? -1 : 1))
    return { from: ends[0] ?? null, to: ends[1] ?? null }
  }

  #advanceClock(): void {
    this.#store.setNow(this.#store.clock.now() + this.#random.pick([1, 500, 30_000, 60_000]))
    this.#complete = false
    this.log.push(`clock ${this.#now()}`)
  }

  async ingest(): Promise<void> {
    const { joinKeys, features, createdTimestamp } = this.#view
    const columns: readonly Column[] = [
      ...joinKeys,
      { name: EVENT, type: 'timestamp' },
      ...(createdTimestamp === null ? [] : [{ name: CREATED, type: 'timestamp' } as const]),
      ...features,
    ]
    const rows = anyHistory(this.#random, this.#view, this.#keys).map(row =>
      columns.map(({ name }) =>
        name === EVENT
          ? row.event
          : name === CREATED
            ? row.created
            : (row.keys[name] ?? row.features[name] ?? null),
      ),
    )
    await this.#store.writeSource('source.parquet', columns, rows)
    const { added } = await ingest(this.#store, this.#view)
    this.#complete = false
    this.log.push(`ingest ${added} of ${rows.length}`)
  }

  /** All rows of the table, as the engine reads them. */
  async #history(): Promise<readonly HistoryRow[]> {
    const table = await this.#store.offline.table(this.#view)
    const rows = await this.#store.engine.rows(`select * from ${table.relation}`)
    const pick = (row: Readonly<Record<string, Value>>, columns: readonly Column[]) =>
      Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]))
    return rows.map(row => ({
      keys: pick(row, this.#view.joinKeys),
      features: pick(row, this.#view.features),
      event: row[EVENT] as bigint,
      created: (row[CREATED] ?? null) as bigint | null,
      hash: row[ROW_HASH] as string,
    }))
  }

  async run({ from, to }: { readonly from: bigint | null; readonly to: bigint | null }): Promise<void> {
    const end = to ?? this.#now()
    const input: RunInput = {
      views: [this.#view.key],
      ingest: [],
      from: from?.toString() ?? null,
      to: end.toString(),
    }
    await aslWorkflow({ tasks: materializationTasks(this.#store) }).run(stateMachine(this.#store.plan), input)
    const reached = (await this.#history()).filter(
      ({ event }) => event !== null && event <= end && (from === null || event >= from),
    )
    this.#covered = [...this.#covered, ...reached]
    this.#complete ||= from === null && end === this.#now()
    this.log.push(`run from ${from} to ${end}`)
  }

  async compare(seen: Seen): Promise<void> {
    const expected = this.#expected()
    const answer = await this.#ask()
    expect(answer).toEqual(expected)
    seen.answers += expected.length
    seen.found += expected.filter(row => row.status !== 'NOT_FOUND').length
    if (!this.#complete) return
    seen.trainingSets++
    const trained = await this.#trainingSet()
    expect(answer.map(row => row.values)).toEqual(trained)
  }

  /** In the order of the service. The features of a whole view are in the order of their definition. */
  #features(): readonly Column[] {
    const service = this.#store.plan.services['service']
    return service === undefined ? [] : featuresOf(service)
  }

  #expected(): readonly Answered[] {
    const looking = { asOf: null, asKnown: false }
    return this.#keys.map(tuple => {
      const keys = Object.fromEntries(this.#view.joinKeys.map(({ name }, i) => [name, tuple[i] ?? null]))
      const newest = visibleRow(this.#covered, null, keys, this.#now(), looking)
      const good = visibleRow(this.#covered, this.#view.ttlMs, keys, this.#now(), looking)
      const features = this.#features()
      const values = features.map(({ name }) => text(good?.features[name] ?? null))
      const first = features[0]?.name ?? ''
      const present = good === null || good.features[first] === null ? 'NULL_VALUE' : 'PRESENT'
      return { values, status: newest === null ? 'NOT_FOUND' : good === null ? 'OUTSIDE_MAX_AGE' : present }
    })
  }

  async #ask(): Promise<readonly Answered[]> {
    const entities = this.#view.joinKeys.map(({ name, type }, i) => {
      const column = this.#keys.map(tuple => jsonCodec(type).write(tuple[i] ?? null))
      return `${JSON.stringify(name)}:[${column.join(',')}]`
    })
    const body = `{"feature_service":"service","entities":{${entities.join(',')}}}`
    const { text: answer } = await onlineFeatures(this.#store)(body)
    // The form of the response has its own tests. Only values and statuses are compared here.
    const { results } = parseJson(answer) as unknown as { results: { values: never[]; statuses: string[] }[] }
    const features = results.slice(this.#view.joinKeys.length)
    return this.#keys.map((_, row) => ({
      values: this.#features().map(({ type }, f) =>
        text(jsonCodec(type).read(features[f]?.values[row] as never) ?? null),
      ),
      status: features[0]?.statuses[row] ?? '',
    }))
  }

  async #trainingSet(): Promise<readonly (readonly string[])[]> {
    const spine = `${this.#store.root}/spine.parquet`
    const columns: readonly Column[] = [...this.#view.joinKeys, { name: EVENT, type: 'timestamp' }]
    await this.#store.writeSource(
      'spine.parquet',
      columns,
      this.#keys.map(tuple => [...tuple, this.#now()]),
    )
    const service = this.#store.plan.services['service']
    if (service === undefined) throw new Error('the generated plan has no service')
    const { path } = await buildTrainingSet(this.#store, service, {
      spine,
      out: `${this.#store.root}/set.parquet`,
    })
    const rows = await this.#store.engine.rows(`select * from ${this.#store.engine.files([path], 'parquet')}`)
    return rows.map(row => this.#features().map(({ name }) => text(row[name] ?? null)))
  }
}

interface Answered {
  /** As text, in the order of the view's features. */
  readonly values: readonly string[]
  /** The status of the first feature. */
  readonly status: string
}
