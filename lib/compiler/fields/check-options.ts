/** Reports unknown options. Otherwise a misspelled option would have no effect. */
import { nearestName } from '../../text/nearest-name.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

/** Reports each option of an object that is not in `names`, with the one that was probably meant. */
export function checkOptions(place: DiagnosticPath, value: unknown, names: readonly string[]): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, given] of Object.entries(value)) {
    if (given === undefined || names.includes(name)) continue
    const meant = nearestName(name, names)
    place.report('unknown-option', show(name), {
      allowed: names.join(', '),
      ...(meant === undefined ? {} : { remedy: `did you mean '${meant}'? Correct the name or leave it out` }),
    })
  }
}
