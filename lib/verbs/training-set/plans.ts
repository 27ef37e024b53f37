/** Stores plans as files, named by their hashes. */

import { completePlan } from '../../plan/earlier-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import type { ObjectStore, Plans } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { canonical } from '../../text/canonical.ts'

const FOLDER = 'plans'

/** Characters of a complete hash. */
const HASH_LENGTH = 64

async function nameThatBegins(objects: ObjectStore, hash: string): Promise<string | null> {
  const names = await objects.list(objects.path(FOLDER))
  const found = names.filter(name => name.startsWith(hash))
  return found.length === 1 ? (found[0] ?? null) : null
}

export const storedPlans = (objects: ObjectStore): Plans => ({
  find: async hash => {
    if (!/^[0-9a-f]{6,64}$/.test(hash)) return null
    const name = hash.length === HASH_LENGTH ? `${hash}.json` : await nameThatBegins(objects, hash)
    if (name === null) return null
    const text = await objects.readText(objects.path(FOLDER, name))
    if (text === null) return null
    // The cast is safe: quern's compiler wrote the plan, and the name is the hash of its content.
    const plan = JSON.parse(text) as Plan
    if (plan.hash !== name.replace('.json', ''))
      throw new StoreError(
        'store-damaged',
        `${objects.path(FOLDER, name)} holds another plan than its name says; run quern repair: it sets it aside`,
      )
    return completePlan(plan)
  },
  keep: async plan => {
    const path = objects.path(FOLDER, `${plan.hash}.json`)
    if ((await objects.readText(path)) === null) await objects.writeText(path, canonical(plan))
  },
})
