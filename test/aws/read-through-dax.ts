/**
 * Reads two airports' items like a deployed function, with the dependencies that the environment variables describe.
 * Prints the result.
 */
import { servingWorld } from '../../lib/aws/functions/environment.ts'
import { itemKey } from '../../lib/online/item/item.ts'
import { weather } from '../online/plans.ts'

const { online } = await servingWorld()
let fallbacks = 0
const start = performance.now()
const items = await online.read(
  ['a', 'none'].map(airport => itemKey(weather, [airport])),
  {
    withinMs: 2_000,
    onEvent: (_event, keys) => {
      fallbacks += keys
    },
  },
)
const ms = performance.now() - start
process.stdout.write(JSON.stringify({ found: items.map(item => item?.['pk']?.S ?? null), fallbacks, ms }))
// DAX's client is still discovering its cluster.
process.exit()
