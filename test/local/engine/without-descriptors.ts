/** Opens files until no descriptor is left, then prints the error of each file reader. */
import { openSync, readFileSync } from 'node:fs'
import { openDuckDb } from '../../../lib/local/engine/duckdb-engine.ts'
import { machineFault } from '../../../lib/local/engine/machine-fault.ts'
import { StoreError } from '../../../lib/store-error.ts'

const [folder = '', file = ''] = process.argv.slice(2)
const engine = await openDuckDb({ scratch: folder })
try {
  for (;;) openSync('/dev/null', 'r')
} catch {
  // No descriptor is left now.
}
const faults: unknown[] = []
try {
  readFileSync(file)
} catch (error) {
  faults.push(machineFault(error))
}
await engine.rows(`select * from ${engine.files([file], 'parquet')}`).catch(error => faults.push(error))
process.stdout.write(
  JSON.stringify(faults.map(fault => (fault instanceof StoreError ? fault.code : `${fault}`))),
)
process.exit()
