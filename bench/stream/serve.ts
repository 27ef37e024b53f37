/** The serving function on the windows that were pushed, in a process of its own. */
import { servePlan } from '../serving/serve-plan.ts'
import { windowsPlan } from './definitions.ts'
import { NOW_MS } from './orders.ts'

await servePlan(windowsPlan, NOW_MS)
