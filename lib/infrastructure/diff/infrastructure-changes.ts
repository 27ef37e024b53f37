/**
 * What a deploy would do to resources, from the templates before and after. Whether a property replaces its resource is
 * CloudFormation's to say: its specification comes with `@aws-cdk/cloudformation-diff`, which `cdk diff` uses too.
 */
import { fullDiff, type ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff'
import { holdsData } from '../parts/stateful.ts'
import type { StoreTemplates, TemplateResource } from './synthesized-store.ts'

export interface ResourceChange {
  /** Of the store: `online`, `monitoring`, … */
  readonly part: string
  readonly logicalId: string
  /** CloudFormation's, such as `AWS::CloudWatch::Alarm`. */
  readonly type: string
  /** `replaced`: surely or, by how the property changes, perhaps. */
  readonly kind: 'added' | 'removed' | 'changed' | 'replaced'
  /** Properties and attributes that are others; none of what is added or removed. */
  readonly properties: readonly string[]
  /** The view or service for which alone it is there, as `view weather@1`; null: of the store. */
  readonly owner: string | null
  /** Would rows, keys or secrets be lost with it, or left behind? */
  readonly isLoss: boolean
}

/**
 * All but code: the hashes of functions' code and of the plan, which every change of a definition changes.
 * @param was null: nothing is deployed
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

/** Without hashes, in assets' names, in the plan's, and in the id of a function's version, which is made of them. */
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
    name => !UNTOLD.has(name),
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

/** Where a construct stands in the tree; said by `Type` of what is added. */
const UNTOLD = new Set(['Metadata', 'Type'])

function kindOf({ isAddition, isRemoval, changeImpact }: ResourceDifference): ResourceChange['kind'] {
  if (isAddition) return 'added'
  if (isRemoval) return 'removed'
  return REPLACING.has(changeImpact) ? 'replaced' : 'changed'
}

const REPLACING: ReadonlySet<ResourceImpact> = new Set([
  ResourceImpact.WILL_REPLACE,
  ResourceImpact.MAY_REPLACE,
])

/** By the tags of alarms, which are the only resources of one view or service. */
function ownerOf({ Properties = {} }: TemplateResource): string | null {
  const tags = Array.isArray(Properties['Tags']) ? Properties['Tags'] : []
  for (const kind of ['view', 'service'])
    for (const tag of tags) if (tag?.Key === `quern:${kind}`) return `${kind} ${tag.Value}`
  return null
}
