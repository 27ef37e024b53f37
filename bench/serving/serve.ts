/** quern's serving function on the bench's rows, in a process of its own. */
import { compile } from '../../lib/compiler/compile.ts'
import { END_MS } from '../data.ts'
import { definitions } from './definitions.ts'
import { servePlan } from './serve-plan.ts'

await servePlan(compile(definitions), END_MS)
