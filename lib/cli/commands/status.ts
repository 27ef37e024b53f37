import { isCurrent, isGone } from '../../materialization/window.ts'
import { type Deprecation, viewOf } from '../../plan/plan.ts'
import { microsOf } from '../../semantics/point-in-time.ts'
import { type SourceStatus, sourceStatus } from '../../verbs/ingest/source-status.ts'
import { stateOnline } from '../../verbs/tables/online-definition.ts'
import { type StoredState, stateOfTable } from '../../verbs/tables/open-table.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { asJson, type DefineCommand, env, now } from '../arguments/shared-options.ts'
import { count, duration, instant, json, result, table } from '../print/print.ts'
import { openStore, type StoreOnline } from '../store/store.ts'

interface ViewStatus {
  readonly view: string
  readonly owner: string
  /** Rows and batches in the offline store. */
  readonly rows: number
  readonly batches: number
  readonly newest: bigint | null
  /** Items in the online store: entities, or of an aggregate view all that hold tiles; null for a view that is not served online, and for a deployed store, where counting costs a read of all. */
  readonly items: number | null
  readonly itemsAre: 'entities' | 'tiles'
  readonly materializedTo: bigint | null
  /** Age of the newest row that is true by now, in milliseconds. */
  readonly ageMs: number | null
  /**
   * `gone`: online tells of an offline table that is no more. `ahead`: materialized to later than now, so that online
   * may hold rows that are not true yet. `differs`, `outdated`, `unknown`: what is stored was made by another definition,
   * by one without features that are new, or before definitions were kept with it. `source changed`: all that was
   * ingested is where it should be, and the source has other content since.
   */
  readonly state:
    | 'differs'
    | 'outdated'
    | 'unknown'
    | 'gone'
    | 'empty'
    | 'current'
    | 'behind'
    | 'ahead'
    | 'source changed'
    | 'offline only'
  /** Compared with what was ingested last, by its fingerprint. */
  readonly source: SourceStatus
  readonly deprecated: Deprecation | null
}

export async function status(options: CommonOptions): Promise<void> {
  await using store = await openStore(options)
  await using online = await store.openOnline()
  const views = await Promise.all(Object.keys(store.plan.views).map(key => viewStatus(online, key)))
  result(
    options.json
      ? json({ plan: store.plan.hash, views })
      : `${statusTable(views)}\n\nplan ${store.plan.hash}`,
  )
}

async function viewStatus(store: StoreOnline, key: string): Promise<ViewStatus> {
  const { plan, offline, online, clock, environment } = store
  const view = viewOf(plan, key)
  const [offlineTable, watermark] = await Promise.all([offline.table(view), online.watermark(key)])
  const now = microsOf(clock.now())
  const newest = offlineTable.newest
  const stored = [stateOfTable(store, view, offlineTable), await stateOnline(store, view)]
  const current = isCurrent(offlineTable, watermark, { from: null, to: now })
  const source = environment === null ? await sourceStatus(store, view, offlineTable) : 'not compared'
  return {
    view: key,
    owner: view.owner,
    rows: offlineTable.rows,
    batches: offlineTable.sequence,
    newest,
    items: view.online && environment === null ? await online.count(key) : null,
    itemsAre: view.aggregates === null ? 'entities' : 'tiles',
    materializedTo: watermark?.to ?? null,
    ageMs: newest === null ? null : Math.max(0, Number((now - newest) / 1_000n)),
    state:
      storedState(stored) ??
      (isGone(offlineTable, watermark)
        ? 'gone'
        : watermark !== null && watermark.to > now
          ? 'ahead'
          : stateOf(view.online, offlineTable.rows, current, source)),
    source,
    deprecated: view.deprecated,
  }
}

/** Null: it was made by the definition as it is. */
function storedState(states: readonly StoredState[]): ViewStatus['state'] | null {
  const found = new Set(states.map(({ is }) => is))
  if (found.has('different')) return 'differs'
  if (found.has('unknown')) return 'unknown'
  return found.has('extended') ? 'outdated' : null
}

const stateOf = (
  isOnline: boolean,
  rows: number,
  current: boolean,
  source: SourceStatus,
): ViewStatus['state'] => {
  if (rows === 0) return 'empty'
  if (isOnline && !current) return 'behind'
  if (source === 'changed') return 'source changed'
  return isOnline ? 'current' : 'offline only'
}

function statusTable(views: readonly ViewStatus[]): string {
  const heading = [
    'view',
    'state',
    'source',
    'offline rows#',
    'batches#',
    'newest row',
    'age#',
    'online items#',
    'materialized to',
    'owner',
  ]
  const lines = views.map(view => [
    view.view,
    view.deprecated === null ? view.state : `${view.state}, deprecated until ${view.deprecated.until}`,
    view.source,
    count(view.rows),
    count(view.batches),
    instant(view.newest),
    view.ageMs === null ? '–' : duration(view.ageMs),
    view.items === null ? '–' : `${count(view.items)}${view.itemsAre === 'tiles' ? ' of tiles' : ''}`,
    instant(view.materializedTo),
    view.owner,
  ])
  return table([heading, ...lines])
}

export const registerStatus = (define: DefineCommand): void => {
  define('status', 'Show what is stored of each view, how much, and how fresh it is.')
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(status)
}
