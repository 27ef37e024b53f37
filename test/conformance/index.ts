/** Runs the lane's servers, then its tests with the arguments given, which are jest's. `npm run conformance -- --json …` */
import { startLane } from './lane.ts'
import { runLane } from './run-lane.ts'

await runLane({
  config: new URL('jest.config.js', import.meta.url).pathname,
  start: async () => {
    const { close, ...lane } = await startLane()
    return { variables: { QUERN_LANE: JSON.stringify(lane) }, close }
  },
})
