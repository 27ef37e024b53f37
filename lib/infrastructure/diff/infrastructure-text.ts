/** Formats changes of resources as text: one line for each part of the store. */
import type { ResourceChange } from './infrastructure-changes.ts'
import type { StoreTemplates } from './synthesized-store.ts'

/** Examples: `online: nothing`, `monitoring: 2 × CloudWatch Alarm more, for view weather@2`. */
export const infrastructureTexts = (
  changes: readonly ResourceChange[],
  parts: readonly (keyof StoreTemplates)[],
): readonly string[] =>
  [...new Set([...parts, ...changes.map(({ part }) => part)])].map(part => {
    const own = changes.filter(change => change.part === part)
    const groups = Map.groupBy(own, ({ kind, type, owner, properties }) =>
      [kind, type, owner, ...properties].join(' '),
    )
    return `${part}: ${[...groups.values()].map(groupText).join('; ') || 'nothing'}`
  })

/** The changes that lose data and need an explicit approval, each by name. */
export const lossTexts = (changes: readonly ResourceChange[]): readonly string[] =>
  changes
    .filter(({ isLoss }) => isLoss)
    .map(change => {
      const { part, logicalId, type, kind, properties } = change
      const what = kind === 'removed' ? 'would leave the store' : 'would be replaced by an empty one'
      const why = properties.length === 0 ? '' : ` (${properties.join(', ')})`
      return `${part}: ${logicalId} (${nounOf(type)}) holds data and ${what}${why}`
    })

function groupText(group: readonly ResourceChange[]): string {
  const [first] = group
  if (first === undefined) return ''
  const { kind, type, owner, properties } = first
  const whose = owner === null ? '' : `, for ${owner}`
  const which = properties.length === 0 ? '' : ` (${properties.join(', ')})`
  return `${group.length} × ${nounOf(type)} ${VERBS[kind]}${which}${whose}`
}

const VERBS = { added: 'more', removed: 'fewer', changed: 'changed', replaced: 'replaced' } as const

/** `AWS::CloudWatch::Alarm` → `CloudWatch Alarm`. */
const nounOf = (type: string): string => type.replace(/^AWS::/, '').replaceAll('::', ' ')
