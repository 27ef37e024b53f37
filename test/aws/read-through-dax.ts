/** Reads two airports' items in the world that this process's environment says, as a deployed function would; tells what came. */
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
// DAX's client still looks for its cluster.
process.exit()
