/**
 * The AWS partitions and their regions. Partitions are isolated from each other and use different ARNs and domains.
 * Compared with the AWS CDK and the AWS SDK by test/compiler/environment/aws-regions.test.ts.
 */
import { nearestName } from '../../text/nearest-name.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

export const PARTITIONS = {
  aws: [
    ...['af-south-1', 'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
    ...['ap-south-1', 'ap-south-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4'],
    ...['ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-central-1', 'ca-west-1', 'eu-central-1'],
    ...['eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
    ...['il-central-1', 'me-central-1', 'me-south-1', 'me-west-1', 'mx-central-1', 'sa-east-1', 'us-east-1'],
    ...['us-east-2', 'us-west-1', 'us-west-2'],
  ],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-us-gov': ['us-gov-east-1', 'us-gov-west-1'],
  'aws-eusc': ['eusc-de-east-1'],
  'aws-iso': ['us-iso-east-1', 'us-iso-west-1'],
  'aws-iso-b': ['us-isob-east-1', 'us-isob-west-1'],
  'aws-iso-e': ['eu-isoe-west-1'],
  'aws-iso-f': ['us-isof-east-1', 'us-isof-south-1'],
} as const satisfies Record<string, readonly string[]>

export type Partition = keyof typeof PARTITIONS

const PARTITION_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(PARTITIONS).flatMap(([partition, regions]) => regions.map(region => [region, partition])),
)

export const REGIONS: readonly string[] = [...PARTITION_OF.keys()]

/** The partition of a region; null if the region is unknown. */
export const partitionOfRegion = (region: string): string | null => PARTITION_OF.get(region) ?? null

/** The partition in an ARN. */
export const partitionOfArn = (arn: string): string => arn.split(':')[1] ?? ''

export const isPartition = (text: string): boolean => Object.hasOwn(PARTITIONS, text)

/** The code of a region. Reports an unknown region. */
export function checkRegion(place: DiagnosticPath, value: unknown): string {
  if (typeof value === 'string' && PARTITION_OF.has(value)) return value
  const meant = typeof value === 'string' ? nearestName(value, REGIONS) : undefined
  place.report('bad-region', show(value), {
    ...(meant === undefined ? {} : { remedy: `did you mean '${meant}'? Correct the code` }),
  })
  return typeof value === 'string' ? value : ''
}
