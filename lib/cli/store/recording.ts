/** Answers of the store on this machine, recorded in its folder. */
import { folderFeatureLog } from '../../local/streams/folder-feature-log.ts'
import type { ServingContext } from '../../runtime.ts'
import { servingLog } from '../print/serving-log.ts'
import type { LocalStore } from './local-store.ts'

/** @param share of requests; 0: none is recorded */
export function recordingHere(
  { objects, clock }: LocalStore,
  share: number,
): Pick<ServingContext, 'recording'> {
  if (share === 0) return {}
  const answers = folderFeatureLog({ root: objects.path(), clock })
  return {
    recording: {
      answers,
      share,
      onOutcome: (service, outcome) => {
        if ('recorded' in outcome) return
        servingLog.warn('not recorded', { feature_service: service, ...outcome })
      },
    },
  }
}
