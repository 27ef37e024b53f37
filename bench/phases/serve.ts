/** The serving function behind the local HTTP front and the embedded DynamoDB, in one process, until it is told to end. */
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { startHttpFront } from '../../lib/local/http/http-front.ts'
import { type OnlinePlace, openOnline } from '../bench-store.ts'
import { END_MS } from '../data.ts'
import { definitions } from '../definitions.ts'
import { measured, received, tell } from '../phase.ts'

export interface ServeInput {
  readonly online: OnlinePlace
}

export interface ServeReady {
  readonly url: string
}

const { online } = await received<ServeInput>()
{
  await using open = await openOnline(online)
  const world = { plan: compile(definitions), online: open.online, clock: { now: () => END_MS } }
  const front = await startHttpFront({ handler: getOnlineFeatures(world) })
  await tell({ url: `${front.url}/get-online-features` } satisfies ServeReady)
  const { cost } = await measured(() => received())
  await front.close()
  await tell(cost)
}
process.disconnect()
