/** IAM statements for access to the offline store: folders, tables and queries, each by name. */
import type { Stack } from 'aws-cdk-lib'
import type { PolicyStatementProps } from 'aws-cdk-lib/aws-iam'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { FOLDERS, type Folder, namesOf } from '../names.ts'

export interface OfflineAccess {
  /** Folders whose files may be read. @default none */
  readonly reads?: readonly Folder[]
  /** Folders whose files may be read and written. @default none */
  readonly writes?: readonly Folder[]
  /** Athena queries on all tables of the database, with access to the folder of query results. @default false */
  readonly queries?: boolean
  /** Name patterns of tables that may be committed to. @default none */
  readonly commits?: readonly string[]
  /** Name patterns of tables and views that may be created, but not dropped. @default none */
  readonly creates?: readonly string[]
  /** Name patterns of tables that may be created and dropped. @default none */
  readonly makes?: readonly string[]
}

/** The tables that `unload` creates (lib/aws/athena/athena-engine.ts). */
export const UNLOADED = 'quern_file_*'

/** Tables of view versions, `<view>_v<version>`. A list of all names would exceed the size limit of a policy. */
export const VIEW_TABLES = '*_v*'

type Statements = readonly PolicyStatementProps[]

export function offlineStatements(
  environment: EnvironmentPlan,
  stack: Stack,
  { reads = [], writes = [], queries = false, commits = [], creates = [], makes = [] }: OfflineAccess,
): Statements {
  const written = queries ? [...new Set([...writes, FOLDERS.results])] : writes
  const tables = glue(environment, stack)
  return [
    ...files(environment, stack, reads, written),
    ...(queries ? athena(environment, stack) : []),
    ...(queries
      ? tables(['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartitions'], ['*'])
      : []),
    ...tables(['glue:UpdateTable'], commits),
    ...tables(['glue:CreateTable'], creates),
    ...tables(['glue:CreateTable', 'glue:UpdateTable', 'glue:DeleteTable'], makes),
  ]
}

function files(
  environment: EnvironmentPlan,
  stack: Stack,
  reads: readonly Folder[],
  writes: readonly Folder[],
): Statements {
  const { bucket } = namesOf(environment)
  const arn = `arn:${stack.partition}:s3:::${bucket}`
  const below = (folders: readonly Folder[]) => folders.map(folder => `${arn}/${folder}/*`)
  const all = [...reads, ...writes]
  if (all.length === 0) return []
  return [
    {
      actions: ['s3:ListBucket'],
      resources: [arn],
      conditions: { StringLike: { 's3:prefix': all.flatMap(folder => [folder, `${folder}/*`]) } },
    },
    { actions: ['s3:GetBucketLocation'], resources: [arn] },
    { actions: ['s3:GetObject'], resources: below(all) },
    ...(writes.length === 0
      ? []
      : [
          {
            actions: ['s3:ListBucketMultipartUploads'],
            resources: [arn],
          },
          {
            actions: [
              's3:PutObject',
              's3:DeleteObject',
              's3:AbortMultipartUpload',
              's3:ListMultipartUploadParts',
            ],
            resources: below(writes),
          },
        ]),
  ]
}

const athena = (environment: EnvironmentPlan, stack: Stack): Statements => [
  {
    actions: [
      'athena:StartQueryExecution',
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StopQueryExecution',
      'athena:GetWorkGroup',
    ],
    resources: [
      stack.formatArn({
        service: 'athena',
        resource: 'workgroup',
        resourceName: namesOf(environment).workGroup,
      }),
    ],
  },
  {
    // Athena reads the default database before any statement that creates a table.
    actions: ['glue:GetDatabase'],
    resources: ['catalog', 'database/default'].map(resource =>
      stack.formatArn({ service: 'glue', resource }),
    ),
  },
]

/** Glue requires permissions on the catalog and the database in addition to the table. */
const glue =
  (environment: EnvironmentPlan, stack: Stack) =>
  (actions: string[], patterns: readonly string[]): Statements => {
    const { database } = namesOf(environment)
    const arn = (resource: string) => stack.formatArn({ service: 'glue', resource })
    const tables = patterns.map(pattern => arn(`table/${database}/${pattern}`))
    return patterns.length === 0
      ? []
      : [{ actions, resources: [arn('catalog'), arn(`database/${database}`), ...tables] }]
  }
