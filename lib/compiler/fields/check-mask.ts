import type { FeaturePlan, Mask } from '../../plan/plan.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

/** The masks, and whether they are for text only. */
const MASKS = { null: false, hash: true, 'last-four': true } as const satisfies Record<Mask, boolean>

const isMask = (value: unknown): value is Mask => typeof value === 'string' && Object.hasOwn(MASKS, value)

/** The mask of a feature; null without `pii`. */
export function checkMask(
  place: DiagnosticPath,
  value: unknown,
  { type, pii }: { readonly type: FeaturePlan['type'] | null; readonly pii: boolean },
): Mask | null {
  if (value === undefined) return pii ? 'null' : null
  if (isMask(value) && pii && (type === 'string' || type === null || !MASKS[value])) return value
  place.report(
    'bad-mask',
    isMask(value) ? `'${value}' of ${pii ? type : 'a feature without pii'}` : show(value),
  )
  return null
}
