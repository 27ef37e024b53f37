/**
 * The oracle checks aggregate views online: after any sequence of pushes, redeliveries, batches and runs, the
 * response for each entity equals loops over the events. It uses real SQL, the real workflow, the wire protocol, and
 * real requests.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { materializationTasks } from '../../lambdas/materialization.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { tableColumns } from '../../lib/offline/table.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { parseJson } from '../../lib/online/item/json-value.ts'
import { type ViewPlan, viewOf } from '../../lib/plan/plan.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { definitionOf } from '../../lib/verbs/tables/open-table.ts'
import { applyToTiles } from '../../lib/verbs/tiles/apply-events.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { onEither, type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'
import { anyWindowCase, eventsOf, type WindowCase } from './generate-windows.ts'
import { type NaiveEvent, naiveWindow } from './naive-windows.ts'
import { type Random, random } from './random.ts'
import { rowsSelect } from './sql-values.ts'
import { tileEvent } from './tile-events.ts'

const SEQUENCES = 16
const FIRST_SEED = 20_260_201
const MICROS = 1_000n

describe('aggregate views online', () => {
  let server: EmbeddedDynamoDb
  beforeAll(async () => {
    server = await startEmbeddedDynamoDb()
  })
  afterAll(() => server.close())

  it(`agree with the oracle after each step of ${SEQUENCES} generated sequences`, async () => {
    let answers = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEQUENCES; seed++) {
      const chance = random(seed)
      const made = anyWindowCase(chance)
      await using store = await temporaryStore({ definitions: [], ...onEither(seed, server) })
      const sequence = new Sequence({ ...store, plan: made.plan }, made, chance)
      try {
        answers += await sequence.go()
      } catch (error) {
        const log = `seed ${seed}, after ${sequence.log.join('; ')}`
        throw new Error(`${log}\nplan: ${JSON.stringify(made.plan)}`, { cause: error })
      }
    }
    expect(answers).toBeGreaterThan(SEQUENCES * 10)
  })
})

class Sequence {
  readonly log: string[] = []
  readonly #store: TemporaryStore
  readonly #made: WindowCase
  readonly #random: Random
  readonly #views: readonly ViewPlan[]
  /** The events of each view: in the table, and online. */
  readonly #stored = new Map<ViewPlan, readonly NaiveEvent[]>()
  readonly #online = new Map<ViewPlan, readonly NaiveEvent[]>()
  #now = 0n

  constructor(store: TemporaryStore, made: WindowCase, chance: Random) {
    this.#store = store
    this.#made = made
    this.#random = chance
    this.#views = Object.keys(made.plan.views).map(key => viewOf(made.plan, key))
  }

  async go(): Promise<number> {
    const instants = this.#made.spine
      .map(row => row['event_timestamp'])
      .filter(instant => typeof instant === 'bigint')
      .sort((a, b) => (a < b ? -1 : 1))
    let answers = 0
    for (const instant of instants) {
      // The store's clock has a resolution of milliseconds.
      this.#now = (instant / MICROS) * MICROS
      this.#store.clock.now = () => Number(this.#now / MICROS)
      const steps = [() => this.#push(), () => this.#push(), () => this.#lay(), () => this.#run()]
      await this.#random.pick(steps)()
      answers += await this.#compare()
    }
    return answers
  }

  #some(view: ViewPlan): readonly NaiveEvent[] {
    return this.#random.shuffle(eventsOf(view, this.#made.events)).slice(0, 1 + this.#random.below(25))
  }

  /** Two concurrent writers with some events in common. */
  async #push(): Promise<void> {
    for (const view of this.#views) {
      const events = this.#some(view)
      const half = Math.floor(events.length / 2)
      const parts = [events.slice(0, half + 2), events.slice(half)]
      await Promise.all(
        parts.map(part =>
          applyToTiles(
            this.#store,
            view,
            part.map(event => tileEvent(view, event)),
            this.#now,
          ),
        ),
      )
      this.#online.set(view, [...(this.#online.get(view) ?? []), ...events])
      this.log.push(`push ${events.length} to ${view.key} at ${this.#now}`)
    }
  }

  async #lay(): Promise<void> {
    const { offline, engine } = this.#store
    for (const view of this.#views) {
      const events = this.#some(view)
      const columns = tableColumns(view)
      const rows = events.map(event =>
        columns.map(({ name }) => {
          if (name === 'event_timestamp') return event.event
          if (name === 'created_timestamp') return event.created
          if (name === 'quern_event') return event.id
          return name === 'row_hash' ? 'hash' : (event.keys[name] ?? event.values[name] ?? null)
        }),
      )
      await offline.append(view, {
        id: `batch-${this.log.length}`,
        created: this.#now,
        definition: definitionOf(this.#store, view),
        rows: () => rowsSelect(engine.dialect, columns, rows),
      })
      this.#stored.set(view, [...(this.#stored.get(view) ?? []), ...events])
      this.log.push(`store ${events.length} of ${view.key}`)
    }
  }

  async #run(): Promise<void> {
    const input = {
      views: this.#views.map(({ key }) => key),
      ingest: [],
      from: null,
      to: this.#now.toString(),
    }
    await aslWorkflow({ tasks: materializationTasks(this.#store) }).run(stateMachine(this.#made.plan), input)
    for (const view of this.#views) {
      const reached = (this.#stored.get(view) ?? []).filter(({ event }) => event <= this.#now)
      this.#online.set(view, [...(this.#online.get(view) ?? []), ...reached])
    }
    this.log.push(`run to ${this.#now}`)
  }

  async #compare(): Promise<number> {
    const { service, takes, plan } = this.#made
    const rows = this.#entities()
    const entities = service.joinKeys.map(({ name, type }) => {
      const column = rows.map(row => jsonCodec(type).write(row[name] ?? null))
      return `${JSON.stringify(name)}:[${column.join(',')}]`
    })
    const { text } = await onlineFeatures(this.#store)(
      `{"feature_service":"service","entities":{${entities.join(',')}}}`,
    )
    // The form of the response has its own tests. Only values are compared here.
    const { results } = parseJson(text) as unknown as { results: { values: unknown[] }[] }
    let at = service.joinKeys.length
    for (const use of service.uses) {
      const view = viewOf(plan, use.view)
      for (const { feature } of use.features) {
        const window = view.aggregates?.windows.find(({ name }) => name === feature)
        const type = view.features.find(({ name }) => name === feature)?.type
        if (window === undefined || type === undefined) throw new Error(`no window is named ${feature}`)
        const expected = rows.map(row => {
          const own = (this.#online.get(view) ?? []).filter(event =>
            use.joinKeys.every(({ name, from }) => event.keys[name] === row[from]),
          )
          const value = naiveWindow(view, window, own, this.#now, { asOf: null, asKnown: false }, takes)
          return parseJson(jsonCodec(type).write(value))
        })
        expect({ feature, values: results[at++]?.values }).toEqual({ feature, values: expected })
      }
    }
    return rows.length
  }

  /** Some known entities, and one unknown. */
  #entities() {
    const heard = this.#random.shuffle(this.#made.spine).slice(0, 3)
    return heard.map(
      row =>
        ({ part: row['part'] ?? 'new', part_of: row['part_of'] ?? 0 }) as Readonly<
          Record<string, string | number>
        >,
    )
  }
}
