/** Plans as files of the store, each under its hash. */

import { canonical } from '../compiler/canonical.ts'
import type { Plan } from '../compiler/plan.ts'
import type { ObjectStore, Plans } from '../runtime.ts'

const FOLDER = 'plans'

export const storedPlans = (objects: ObjectStore): Plans => ({
  find: async hash => {
    if (!/^[0-9a-f]{6,64}$/.test(hash)) return null
    const names = await objects.list(objects.path(FOLDER))
    const found = names.filter(name => name.startsWith(hash))
    const [name] = found
    if (name === undefined || found.length > 1) return null
    const text = await objects.readText(objects.path(FOLDER, name))
    // Our own compiler wrote it, under the hash of its content.
    return text === null ? null : (JSON.parse(text) as Plan)
  },
  keep: async plan => {
    const path = objects.path(FOLDER, `${plan.hash}.json`)
    if ((await objects.readText(path)) === null) await objects.writeText(path, canonical(plan))
  },
})
