import type { VpcPlan } from '../../plan/environment-plan.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import { elementsOf } from '../fields/check-fields.ts'
import { checkSpelling, fieldsOf } from '../fields/check-settings.ts'
import { REGIONS } from './aws-regions.ts'

/** The CIDR block of a new VPC if none is declared. */
export const NEW_VPC: VpcPlan = { kind: 'new', cidr: '10.0.0.0/16' }

const FIELDS = ['cidr', 'vpcId', 'subnetIds', 'availabilityZones'] as const
type Field = (typeof FIELDS)[number]

/** A new or an existing VPC; null if none is needed. */
export function compileVpc(place: DiagnosticPath, value: unknown, region: string): VpcPlan | null {
  const vpc = fieldsOf(place, value, FIELDS)
  if (vpc === null) return null
  return vpc.cidr === undefined ? givenVpc(place, vpc, region) : newVpc(place, vpc)
}

function newVpc(place: DiagnosticPath, vpc: Readonly<Partial<Record<Field, unknown>>>): VpcPlan {
  if (vpc.vpcId !== undefined) place.report('wrong-kind', show(vpc), { allowed: '{ cidr } or { vpcId, … }' })
  const allowed = 'a block of private addresses such as 10.0.0.0/16, from /16 to /24'
  const cidr = checkSpelling(place.inside('cidr'), vpc.cidr, { pattern: CIDR, allowed })
  if (CIDR.test(cidr) && !isBlock(cidr)) place.inside('cidr').report('bad-spelling', show(cidr), { allowed })
  return { kind: 'new', cidr }
}

const CIDR =
  /^(10(\.\d{1,3}){3}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|192\.168(\.\d{1,3}){2})\/(1[6-9]|2[0-4])$/

/** Checks that each byte is at most 255 and that the address is the first one of the block. */
function isBlock(cidr: string): boolean {
  const [address = '', bits = '0'] = cidr.split('/')
  const bytes = address.split('.').map(Number)
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  return bytes.every(byte => byte <= 255) && number % 2 ** (32 - Number(bits)) === 0
}

function givenVpc(
  place: DiagnosticPath,
  vpc: Readonly<Partial<Record<Field, unknown>>>,
  region: string,
): VpcPlan {
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
    /^[a-z]{2,4}(-[a-z]+)+-\d[a-z]$/,
    'zones such as eu-central-1a',
  )
  for (const zone of availabilityZones)
    if (REGIONS.includes(region) && REGIONS.includes(zone.slice(0, -1)) && zone.slice(0, -1) !== region)
      place.inside('availabilityZones').report('other-place', show(zone), { allowed: `zones of ${region}` })
  if (subnetIds.length === 0 || subnetIds.length !== availabilityZones.length)
    place.inside('subnetIds').report('wrong-kind', show(vpc.subnetIds), {
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
