import { byName } from './by-name.ts'
import { checkNamed, checkProse, entriesOf } from './check-fields.ts'
import { checkColumnName, checkJoinKeyType, checkName } from './check-names.ts'
import { checkDefinition } from './options.ts'
import type { Place } from './place.ts'
import type { Column, EntityPlan } from './plan.ts'
import type { Unchecked } from './read-definitions.ts'

const nameOf = ([name]: readonly [string, unknown]): string => name

export function compileEntity(place: Place, entity: Unchecked<'entity'>): EntityPlan {
  checkDefinition(place, entity, 'entity')
  const joinKeys = entriesOf(place.inside('join keys'), entity.joinKeys)
  if (joinKeys.length === 0) place.mistake('no-join-keys', 'the entity')
  return {
    name: checkName(place, entity.name),
    joinKeys: byName(
      joinKeys.flatMap(([name, type]) => joinKeyColumn(place.inside(`join key ${name}`), name, type)),
    ),
    pii: checkNamed(place.inside('pii'), entity.pii, joinKeys.map(nameOf)),
    description: checkProse(place.inside('description'), entity.description),
  }
}

function joinKeyColumn(place: Place, name: string, declared: unknown): readonly Column[] {
  checkColumnName(place, name)
  const type = checkJoinKeyType(place, declared)
  return type === null ? [] : [{ name, type }]
}
