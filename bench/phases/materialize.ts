/** The newest row of each entity → online items, by the state machine. */
import { materializationTasks } from '../../lambdas/materialization.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import type { RunInput } from '../../lib/verbs/materialize/materialize.ts'
import type { RunReport } from '../../lib/verbs/materialize/report-run.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { type OnlinePlace, openBenchStore, openOnline, type StorePlace } from '../bench-store.ts'
import { END_MS, featuresOf, type ViewName } from '../data.ts'
import { type Cost, measured, phase } from '../phase.ts'

export interface MaterializeInput extends StorePlace {
  readonly online: OnlinePlace
  readonly view: ViewName
  /** Customers whose features are then asked for, outside the clock. */
  readonly sample: readonly number[]
}

export interface MaterializeResult extends Cost {
  readonly rows: number
  /** The answer, in the words of the serving API. */
  readonly sample: string
}

await phase<MaterializeInput>(
  async ({ online: place, view, sample, ...rest }): Promise<MaterializeResult> => {
    await using store = await openBenchStore(rest)
    await using open = await openOnline(place)
    const world = { ...store, online: open.online }
    const workflow = aslWorkflow({ tasks: materializationTasks(world) })
    const run: RunInput = { views: [`${view}@1`], ingest: [], from: null, to: microsOf(END_MS).toString() }
    const { value, cost } = await measured(() => workflow.run(stateMachine(store.plan), run))
    // What the document's last task answers with.
    const { views } = value as RunReport
    const features = featuresOf(view).map(feature => `${view}:${feature.name}`)
    const ask = onlineFeatures(world)
    const { text } = await ask(JSON.stringify({ features, entities: { customer_id: sample } }))
    return { ...cost, rows: views.reduce((sum, { written }) => sum + written, 0), sample: text }
  },
)
