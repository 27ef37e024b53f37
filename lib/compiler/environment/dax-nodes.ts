/**
 * The DAX node types, and the regions that lack some of them. From the AWS price list, as in cfn-lint 1.58.0 on PyPI:
 * `data/schemas/extensions/aws_dax_cluster/nodetype_enum.json`.
 */

const SIZES = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge', '24xlarge']

const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  r3: SIZES.slice(0, 5),
  r4: [...SIZES.slice(0, 5), '16xlarge'],
  r5: SIZES,
  r7i: SIZES,
  t2: ['small', 'medium'],
  t3: ['small', 'medium'],
}

const ALL: readonly string[] = Object.keys(FAMILIES)
const WITHOUT_R3 = ALL.filter(family => family !== 'r3')

/** All other regions have all families. */
const FAMILIES_OF: Readonly<Record<string, readonly string[]>> = {
  'cn-north-1': ['r5', 't2', 't3'],
  'cn-northwest-1': ['r4', 'r5', 't2', 't3'],
  'eu-central-1': WITHOUT_R3,
  'eu-central-2': WITHOUT_R3,
  'eu-north-1': ['r5', 'r7i', 't3'],
  'eu-south-2': ['r5', 'r7i', 't3'],
  'eu-west-2': WITHOUT_R3,
  'eu-west-3': WITHOUT_R3,
  'sa-east-1': WITHOUT_R3,
  'us-east-2': WITHOUT_R3,
}

/** The node types that a region has. */
export const daxNodeTypes = (region: string): readonly string[] =>
  (FAMILIES_OF[region] ?? ALL).flatMap(family =>
    (FAMILIES[family] ?? []).map(size => `dax.${family}.${size}`),
  )
