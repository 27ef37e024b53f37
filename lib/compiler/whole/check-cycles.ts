import { compareText } from '../../text/by-name.ts'
import type { ViewDraft } from '../compile-view.ts'
import type { DiagnosticPath } from '../diagnostics/diagnostic-path.ts'

/** Reports each cycle of views that read each other once, at the first view by name. */
export function checkCycles(
  views: ReadonlyMap<string, ViewDraft>,
  placeOf: (view: ViewDraft) => DiagnosticPath,
): void {
  for (const [key, view] of views) {
    const circle = circleFrom(key, views)
    const [first] = [...circle].sort(compareText)
    if (first === key) placeOf(view).report('cycle', [...circle, key].join(' → '))
  }
}

/**
 * The views on the path from a view back to itself; empty if there is no such path. A view reads at most one other
 * view.
 */
function circleFrom(key: string, views: ReadonlyMap<string, ViewDraft>): readonly string[] {
  const way = new Set<string>()
  let at: string | undefined = key
  while (at !== undefined && !way.has(at)) {
    way.add(at)
    const origin: ViewDraft['origin'] = views.get(at)?.origin ?? null
    at = origin?.kind === 'view' ? origin.view : undefined
  }
  return at === key ? [...way] : []
}
