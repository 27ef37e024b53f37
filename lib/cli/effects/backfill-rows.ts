/** How many rows a change has to compute: as a workload says, or as the store on this machine has them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DataEffect } from '../../change/data-effects.ts'
import { historyRows } from '../../cost/offline.ts'
import type { BackfillRows } from '../../cost/once.ts'
import { daysKept, tileLoad } from '../../cost/tiles.ts'
import type { Workload } from '../../cost/workload.ts'
import { type Plan, type ViewPlan, viewOf } from '../../plan/plan.ts'
import { storeFolder } from '../store/local-store.ts'
import { openStore, type StoreOnline } from '../store/store.ts'

export interface KnownRows extends BackfillRows {
  /** Where the numbers are from. */
  readonly from: string
  /** Are its rows events, and its items their tiles? */
  readonly isOfTiles: boolean
}

export interface BackfillProps {
  readonly project: string
  readonly plan: Plan
  readonly effects: readonly DataEffect[]
  /** Null: none was given. */
  readonly workload: Workload | null
}

/** @returns rows of each view that has some to compute; a view's key alone where nobody knows */
export async function backfillRows(props: BackfillProps): Promise<readonly (KnownRows | string)[]> {
  const { project, plan, workload } = props
  const views = props.effects.filter(({ backfill }) => backfill !== null).map(({ of }) => viewOf(plan, of))
  if (workload !== null) return views.map(view => workloadRows(view, workload))
  if (views.length === 0 || !existsSync(join(storeFolder(project), 'offline')))
    return views.map(({ key }) => key)
  await using store = await openStore({ project })
  await using online = await store.openOnline()
  return await Promise.all(views.map(view => storedRows(online, view)))
}

function workloadRows(view: ViewPlan, workload: Workload): KnownRows {
  const rows = Math.round(historyRows(workload, view))
  const items = view.online ? itemsOf(view, workload, rows) : 0
  return { view: view.key, rows, items, from: 'the workload', isOfTiles: isOfTiles(view) }
}

const isOfTiles = ({ aggregates }: ViewPlan): boolean => aggregates !== null

/** One for each entity; of an aggregate view, for each of its days that a window can still need. */
function itemsOf(view: ViewPlan, workload: Workload, rows: number): number {
  if (!isOfTiles(view)) return workload.views[view.key]?.entities ?? 0
  return Math.min(rows, Math.round(daysKept(view, tileLoad(workload, view))))
}

/** Its own, or those of the newest other version that has some. */
async function storedRows(
  { plan, offline, online }: StoreOnline,
  view: ViewPlan,
): Promise<KnownRows | string> {
  const others = Object.values(plan.views)
    .filter(({ name, key }) => name === view.name && key !== view.key)
    .sort((a, b) => b.version - a.version)
  for (const like of [view, ...others]) {
    const { rows } = await offline.table(like)
    if (rows === 0) continue
    const items = view.online ? await online.count(like.key) : 0
    const whose = like === view ? '' : `, by ${like.key}`
    const from = `the store on this machine${whose}`
    return { view: view.key, rows, items, from, isOfTiles: isOfTiles(view) }
  }
  return view.key
}
