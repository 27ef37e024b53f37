import { elementsOf } from './check-fields.ts'
import { checkSpelling, fieldsOf } from './check-settings.ts'
import type { VpcPlan } from './environment-plan.ts'
import { type Place, show } from './place.ts'

/** Where a network is needed and none is named. */
export const NEW_VPC: VpcPlan = { kind: 'new', cidr: '10.0.0.0/16' }

type Field = 'cidr' | 'vpcId' | 'subnetIds' | 'availabilityZones'

/** A new network, or one that is there; null if none is asked for. */
export function compileVpc(place: Place, value: unknown): VpcPlan | null {
  const vpc = fieldsOf<Field>(place, value)
  if (vpc === null) return null
  return vpc.cidr === undefined ? givenVpc(place, vpc) : newVpc(place, vpc)
}

function newVpc(place: Place, vpc: Readonly<Partial<Record<Field, unknown>>>): VpcPlan {
  if (vpc.vpcId !== undefined) place.mistake('wrong-kind', show(vpc), { allowed: '{ cidr } or { vpcId, … }' })
  const allowed = 'a block of private addresses such as 10.0.0.0/16, from /16 to /24'
  const pattern = /^(10|172\.(1[6-9]|2\d|3[01])|192\.168)(\.\d{1,3}){2,3}\/(1[6-9]|2[0-4])$/
  return { kind: 'new', cidr: checkSpelling(place.inside('cidr'), vpc.cidr, { pattern, allowed }) }
}

function givenVpc(place: Place, vpc: Readonly<Partial<Record<Field, unknown>>>): VpcPlan {
  const texts = (field: Field, what: string, pattern: RegExp, allowed: string) =>
    elementsOf(place.inside(field), vpc[field] ?? [], what).map(text =>
      checkSpelling(place.inside(field), text, { pattern, allowed }),
    )
  const subnetIds = texts(
    'subnetIds',
    'subnets',
    /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/,
    'ids such as subnet-0123456789abcdef0',
  )
  const availabilityZones = texts(
    'availabilityZones',
    'availability zones',
    /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/,
    'zones such as eu-central-1a',
  )
  if (subnetIds.length === 0 || subnetIds.length !== availabilityZones.length)
    place.inside('subnetIds').mistake('wrong-kind', show(vpc.subnetIds), {
      allowed: 'a subnet for each of the availability zones, one or more',
    })
  return {
    kind: 'given',
    vpcId: checkSpelling(place.inside('vpcId'), vpc.vpcId, {
      pattern: /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/,
      allowed: 'an id such as vpc-0123456789abcdef0; or { cidr } for a new network',
    }),
    subnetIds,
    availabilityZones,
  }
}
