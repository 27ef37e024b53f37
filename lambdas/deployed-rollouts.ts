/** Serving's world in a deployed function, with the rollouts that it is told of. */
import { randomUUID } from 'node:crypto'
import type { DeployedServingWorld } from '../lib/aws/environment.ts'
import type { ObjectStore, ServingWorld } from '../lib/runtime.ts'
import { followRollouts } from '../lib/verbs/follow-rollouts.ts'
import { storedPlans } from '../lib/verbs/plans.ts'
import type { RolledOutWorld } from '../lib/verbs/rolled-out-features.ts'
import { shadowLedger } from '../lib/verbs/shadow-ledger.ts'
import type { ServingLog } from './access-log.ts'

export function withRollouts(world: DeployedServingWorld, log: ServingLog): ServingWorld | RolledOutWorld {
  const { deployedRollouts: deployed, plan } = world
  if (deployed === null) return world
  let opened: Promise<ObjectStore> | undefined
  const objects = (): Promise<ObjectStore> => {
    opened ??= deployed.objects()
    return opened
  }
  let ledger: ReturnType<typeof shadowLedger> | undefined
  return {
    ...world,
    rollouts: followRollouts({
      books: deployed.books,
      plans: { find: async hash => storedPlans(await objects()).find(hash) },
      plan,
      onError: error => log.error('the rollouts could not be read', { error }),
    }),
    onShadow: (rollout, outcome) => {
      void objects().then(store => {
        ledger ??= shadowLedger({ objects: store, server: randomUUID() })
        ledger(rollout, outcome)
      })
    },
  }
}
