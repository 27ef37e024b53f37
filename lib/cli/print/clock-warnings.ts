/** What a person must know of the store's clock: online was filled by another one, or rows are later than now. */

import { isCurrent } from '../../materialization/window.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import { microsOf } from '../../semantics/point-in-time.ts'
import type { StoreOnline } from '../store/store.ts'
import { instant, say } from './print.ts'

type World = Pick<StoreOnline, 'online' | 'clock'>
type WithTables = World & Pick<StoreOnline, 'offline'>

const nowOf = ({ clock }: Pick<StoreOnline, 'clock'>): bigint => microsOf(clock.now())

/** A row that was put online by a later clock is not true yet by this one, and has replaced the one that is. */
export async function warnIfAhead(world: World, views: readonly ViewPlan[]): Promise<void> {
  const now = nowOf(world)
  for (const { key } of views.filter(view => view.online)) {
    const watermark = await world.online.watermark(key)
    if (watermark !== null && watermark.to > now)
      say(
        `  ! ${key} is online as of ${instant(watermark.to)}, later than now, ${instant(now)}: entities whose row has changed since are answered NOT_FOUND and windows lack events, where a training set has the row of then; use a later --now, or begin anew: quern reset ${key}, then ingest and materialize with --now`,
      )
  }
}

/** Rows that are true by now and not online yet: a training set has them, an answer does not. */
export async function warnIfBehind(world: WithTables, views: readonly ViewPlan[]): Promise<void> {
  const now = nowOf(world)
  for (const view of views.filter(each => each.online)) {
    const [table, watermark] = await Promise.all([
      world.offline.table(view),
      world.online.watermark(view.key),
    ])
    const isAhead = watermark !== null && watermark.to > now
    if (table.rows === 0 || isAhead || isCurrent(table, watermark, { from: null, to: now })) continue
    const state = watermark === null ? 'not online' : `online as of ${instant(watermark.to)}`
    say(
      `  ! ${view.key} is ${state}, and now is ${instant(now)}: rows that came or became true since are not answered; run quern materialize with the same --now`,
    )
  }
}

/** Rows that are not true yet by the clock are left where they are: said, since nothing else tells. */
export async function warnOfLaterRows(world: WithTables, views: readonly ViewPlan[]): Promise<void> {
  const now = nowOf(world)
  const tables = await Promise.all(
    views.map(async view => ({ view: view.key, newest: (await world.offline.table(view)).newest })),
  )
  const later = tables.filter(({ newest }) => newest !== null && newest > now)
  if (later.length === 0) return
  const each = later.map(({ view, newest }) => `${view} (up to ${instant(newest)})`)
  say(
    `  ! rows later than now, ${instant(now)}, are not online: ${each.join(', ')}; use a later --now if they should be`,
  )
}
