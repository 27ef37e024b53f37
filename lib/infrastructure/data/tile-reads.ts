import type { Plan } from '../../plan/plan.ts'

/** Whether the plan has online aggregate views, whose events go into tiles. */
export const hasTiles = ({ views }: Plan): boolean =>
  Object.values(views).some(({ online, aggregates }) => online && aggregates !== null)

/** Partition keys of the stored definitions (lib/verbs/tables/online-definition.ts). */
export const DEFINITIONS = ['definition|*']

/** The actions that read tiles, which a writer needs because it reads a tile before it writes. */
export const TILE_READS = ['BatchGetItem', 'GetItem'] as const
