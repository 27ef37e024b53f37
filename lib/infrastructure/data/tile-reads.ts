import type { Plan } from '../../plan/plan.ts'

/** Are there views whose events go into tiles? */
export const hasTiles = ({ views }: Plan): boolean =>
  Object.values(views).some(({ online, aggregates }) => online && aggregates !== null)

/** Items that say by which definitions those of the views were made: see lib/verbs/tables/online-definition.ts. */
export const DEFINITIONS = ['definition|*']

/** Tiles are read before they are written. */
export const TILE_READS = ['BatchGetItem', 'GetItem'] as const
