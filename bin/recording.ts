/** Answers of the store on this machine, recorded in its folder. */
import { folderRecordedAnswers } from '../lib/local/folder-recorded-answers.ts'
import type { ServingWorld } from '../lib/runtime.ts'
import type { LocalStore } from './local-store.ts'
import { servingLog } from './serving-log.ts'

/** @param share of requests; 0: none is recorded */
export function recordingHere(
  { objects, clock }: LocalStore,
  share: number,
): Pick<ServingWorld, 'recording'> {
  if (share === 0) return {}
  const answers = folderRecordedAnswers({ root: objects.path(), clock })
  return {
    recording: {
      answers,
      share,
      told: (service, outcome) => {
        if ('recorded' in outcome) return
        servingLog.warn('not recorded', { feature_service: service, ...outcome })
      },
    },
  }
}
