import { compareText } from '../../text/by-name.ts'
import type { ViewDraft } from '../compile-view.ts'
import type { DiagnosticPath } from '../diagnostics/diagnostic-path.ts'

/** Each circle of views that read each other is noted once, at the first of its views. */
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

/** The views on the way from a view back to itself; none, if the way leads elsewhere. A view reads one other at most. */
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
