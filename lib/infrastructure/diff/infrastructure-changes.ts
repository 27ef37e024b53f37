/**
 * Computes a deployment's changes of resources from the templates before and after. CloudFormation's specification decides
 * whether a changed property replaces its resource. It comes with `@aws-cdk/cloudformation-diff`, as in `cdk diff`.
 */
import { fullDiff, type ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff'
import { holdsData } from '../parts/stateful.ts'
import type { StoreTemplates, TemplateResource } from './synthesized-store.ts'

export interface ResourceChange {
  /** The part of the store: `online`, `monitoring`, … */
  readonly part: string
  readonly logicalId: string
  /** The CloudFormation type, such as `AWS::CloudWatch::Alarm`. */
  readonly type: string
  /** `replaced`: CloudFormation will replace the resource, or may do so, depending on the property's change. */
  readonly kind: 'added' | 'removed' | 'changed' | 'replaced'
  /** Changed properties and attributes; empty for added and removed resources. */
  readonly properties: readonly string[]
  /** The view or service that the resource belongs to, such as `view weather@1`; null: it belongs to the store. */
  readonly owner: string | null
  /** Whether the change would lose rows, keys or secrets, or leave them behind. */
  readonly isLoss: boolean
}

/**
 * Returns all changes except those of code: every changed definition changes the hashes of the functions' code and the plan.
 * @param was the deployed templates; null: nothing is deployed
 */
export function infrastructureChanges(
  was: StoreTemplates | null,
  is: StoreTemplates,
): readonly ResourceChange[] {
  const parts = [...new Set([...Object.keys(is), ...Object.keys(was ?? {})])]
  return parts.flatMap(part => {
    const found: ResourceChange[] = []
    const before = was?.[part] ?? {}
    const difference = fullDiff({ Resources: settled(before) }, { Resources: settled(is[part] ?? {}) })
    difference.resources.forEachDifference((logicalId, one) => {
      const change = changeOf(one)
      if (change !== null) found.push({ part, logicalId, ...change })
    })
    return found
  })
}

/** Removes hashes: in asset names, in the plan's name, and in the id of a function's version. */
function settled(resources: StoreTemplates[string]): StoreTemplates[string] {
  return JSON.parse(
    JSON.stringify(resources)
      .replaceAll(/(?<=CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '')
      .replaceAll(/[0-9a-f]{64}/g, ''),
  )
}

type Told = Omit<ResourceChange, 'part' | 'logicalId'>

function changeOf(one: ResourceDifference): Told | null {
  const properties = [...Object.keys(one.propertyUpdates), ...Object.keys(one.otherChanges)].filter(
    name => !UNREPORTED.has(name),
  )
  const kind = kindOf(one)
  if (kind === 'changed' && properties.length === 0) return null
  const type = one.newResourceType ?? one.oldResourceType ?? ''
  return {
    type,
    kind,
    properties: kind === 'added' || kind === 'removed' ? [] : properties,
    owner: ownerOf({ Type: type, Properties: one.newProperties ?? one.oldProperties ?? {} }),
    isLoss: (kind === 'removed' || kind === 'replaced') && holdsData(one.oldResourceType ?? type),
  }
}

/** Changes that are not reported: the construct's path, and the type of an added resource. */
const UNREPORTED = new Set(['Metadata', 'Type'])

function kindOf({ isAddition, isRemoval, changeImpact }: ResourceDifference): ResourceChange['kind'] {
  if (isAddition) return 'added'
  if (isRemoval) return 'removed'
  return REPLACING.has(changeImpact) ? 'replaced' : 'changed'
}

const REPLACING: ReadonlySet<ResourceImpact> = new Set([
  ResourceImpact.WILL_REPLACE,
  ResourceImpact.MAY_REPLACE,
])

/** The owner from an alarm's tags. Only alarms belong to a single view or service. */
function ownerOf({ Properties = {} }: TemplateResource): string | null {
  const tags = Array.isArray(Properties['Tags']) ? Properties['Tags'] : []
  for (const kind of ['view', 'service'])
    for (const tag of tags) if (tag?.Key === `quern:${kind}`) return `${kind} ${tag.Value}`
  return null
}
