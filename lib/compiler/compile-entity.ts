import type { Column, EntityPlan } from '../plan/plan.ts'
import { byName } from '../text/by-name.ts'
import type { DiagnosticPath } from './diagnostics/diagnostic-path.ts'
import { checkNamed, checkProse, entriesOf } from './fields/check-fields.ts'
import { checkColumnName, checkJoinKeyType, checkName } from './fields/check-names.ts'
import { checkDefinition } from './fields/options.ts'
import type { Unchecked } from './read-definitions.ts'

const nameOf = ([name]: readonly [string, unknown]): string => name

export function compileEntity(place: DiagnosticPath, entity: Unchecked<'entity'>): EntityPlan {
  checkDefinition(place, entity, 'entity')
  const joinKeys = entriesOf(place.inside('join keys'), entity.joinKeys)
  if (joinKeys.length === 0) place.report('no-join-keys', 'the entity')
  return {
    name: checkName(place, entity.name),
    joinKeys: byName(
      joinKeys.flatMap(([name, type]) => joinKeyColumn(place.inside(`join key ${name}`), name, type)),
    ),
    pii: checkNamed(place.inside('pii'), entity.pii, joinKeys.map(nameOf)),
    description: checkProse(place.inside('description'), entity.description),
  }
}

function joinKeyColumn(place: DiagnosticPath, name: string, declared: unknown): readonly Column[] {
  checkColumnName(place, name)
  const type = checkJoinKeyType(place, declared)
  return type === null ? [] : [{ name, type }]
}
