/** Runs the lane's servers, then its tests with the arguments given, which are jest's. `npm run deployed -- --json …` */
import { runLane } from '../conformance/run-lane.ts'
import { startLane } from './lane.ts'

// The environment may contain credentials of real accounts.
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]

await runLane({ config: new URL('jest.config.js', import.meta.url).pathname, start: startLane })
