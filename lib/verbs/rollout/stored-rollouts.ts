/** Stores the rollout configuration as a file of a local store. */
import { NO_ROLLOUTS, RolloutConfigurationSchema } from '../../online/rollout/rollout.ts'
import type { ObjectStore, RolloutConfigurationStore } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'

const FILE = 'rollouts.json'

export function storedRollouts(objects: ObjectStore): RolloutConfigurationStore {
  const path = objects.path(FILE)
  return {
    read: async () => {
      const text = await objects.readText(path)
      if (text === null) return NO_ROLLOUTS
      const parsed = RolloutConfigurationSchema.safeParse(parsedJson(text))
      if (parsed.success) return parsed.data
      throw new StoreError(
        'store-damaged',
        `${path} does not hold the rollouts that were written; run quern repair: it sets the file aside, and each service is then answered by the plan that serves`,
      )
    },
    write: configuration => objects.writeText(path, `${JSON.stringify(configuration, null, 2)}\n`),
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
