import { FIRST } from '../../semantics/point-in-time.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { asJson, type DefineCommand, env, now } from '../arguments/shared-options.ts'
import { materialize } from './materialize.ts'

/**
 * The whole online store again from the offline one, after a loss or a doubt: each entity's newest row of all history,
 * whatever the watermarks say; the windows of each entity from its events, in the place of those that are online. Rows that
 * are right are left alone; a damaged store is begun anew, if all views are rebuilt.
 */
export const rebuildOnline = (references: string[], options: CommonOptions): Promise<void> =>
  materialize(references, {
    ...options,
    from: FIRST,
    mend: references.length === 0 ? 'damaged' : 'nothing',
  })

export const registerRebuild = (define: DefineCommand): void => {
  define('rebuild', 'Fill the online store again from the offline store.')
    .argument('[view...]', 'views by name or name@version')
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(rebuildOnline)
}
