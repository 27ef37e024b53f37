import { Stack } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import type { TaskName } from '../../materialization/state-machine.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan, SourcePlan } from '../../plan/plan.ts'
import { UNLOADED, VIEW_TABLES } from '../data/offline-access.ts'
import type { OfflineStore } from '../data/offline-store.ts'
import type { OnlineStore } from '../data/online-store.ts'
import { DEFINITIONS, hasTiles, TILE_READS } from '../data/tile-reads.ts'
import { FOLDERS, namesOf } from '../names.ts'
import { PlanFunction, type PlanFunctionProps } from '../parts/plan-function.ts'

export interface BatchProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly offline: OfflineStore
  readonly online: OnlineStore
}

type BatchFunctionProps = BatchProps & Pick<PlanFunctionProps, 'name' | 'description' | 'memoryMb'>

/** A function with the coordinates of the whole store. Its role limits what it may access. */
export const batchFunction = (scope: Construct, id: string, props: BatchFunctionProps): PlanFunction => {
  const { environment, plan, name, description, memoryMb = 512 } = props
  const { bucket, database, workGroup, table } = namesOf(environment)
  const variables = {
    QUERN_BUCKET: bucket,
    QUERN_DATABASE: database,
    QUERN_WORKGROUP: workGroup,
    QUERN_ONLINE_TABLE: table,
  }
  return new PlanFunction(scope, id, { plan, environment, name, description, memoryMb, variables })
}

/** Partition keys of the watermarks in the online table. */
const WATERMARKS = ['watermark|*']

/** The functions of the workflow's tasks. Each has only the permissions that its task needs. */
export class MaterializationTasks extends Construct {
  readonly functions: Readonly<Record<TaskName, PlanFunction>>

  constructor(scope: Construct, id: string, props: BatchProps) {
    super(scope, id)
    this.functions = {
      IngestView: this.ingestView(props),
      SelectLatestRows: this.selectLatestRows(props),
      WriteChunk: this.writeChunk(props),
      AdvanceWatermark: this.advanceWatermark(props),
      ReportRun: batchFunction(this, 'ReportRun', {
        ...props,
        name: 'report-run',
        description: 'Says what became of each view of a run',
      }),
    }
  }

  private ingestView(props: BatchProps): PlanFunction {
    const ingest = batchFunction(this, 'IngestView', {
      ...props,
      name: 'ingest-view',
      description: `Takes a source's new rows into a view's table`,
    })
    props.offline.grant(ingest, {
      queries: true,
      commits: [VIEW_TABLES],
      makes: [UNLOADED],
      reads: [FOLDERS.sources, FOLDERS.pushed],
      writes: [FOLDERS.offline, FOLDERS.scratch, FOLDERS.quarantine],
    })
    for (const statement of sourceTables(props.plan, Stack.of(this))) ingest.addToRolePolicy(statement)
    props.environment.sourcePolicies.forEach((arn, i) => {
      ingest.role?.addManagedPolicy(ManagedPolicy.fromManagedPolicyArn(this, `SourcePolicy${i}`, arn))
    })
    return ingest
  }

  private selectLatestRows(props: BatchProps): PlanFunction {
    const select = batchFunction(this, 'SelectLatestRows', {
      ...props,
      name: 'select-latest-rows',
      description: 'Chooses the rows of a view that go online',
    })
    props.offline.grant(select, {
      queries: true,
      makes: [UNLOADED],
      reads: [FOLDERS.offline],
      writes: [FOLDERS.scratch],
    })
    props.online.grant(select, ['GetItem'], WATERMARKS)
    props.online.grant(select, ['BatchGetItem', 'PutItem'], DEFINITIONS)
    return select
  }

  private writeChunk(props: BatchProps): PlanFunction {
    const write = batchFunction(this, 'WriteChunk', {
      ...props,
      name: 'write-chunk',
      description: 'Puts a chunk of rows online',
      memoryMb: 1_024,
    })
    props.offline.grant(write, { reads: [FOLDERS.scratch] })
    props.online.grant(write, ['PutItem', ...(hasTiles(props.plan) ? TILE_READS : [])])
    return write
  }

  private advanceWatermark(props: BatchProps): PlanFunction {
    const advance = batchFunction(this, 'AdvanceWatermark', {
      ...props,
      name: 'advance-watermark',
      description: 'Notes up to when a view is online, and clears up',
    })
    props.offline.grant(advance, { queries: true, makes: [UNLOADED], writes: [FOLDERS.scratch] })
    props.online.grant(advance, ['GetItem', 'PutItem'], WATERMARKS)
    props.online.grant(advance, ['BatchGetItem', 'PutItem'], DEFINITIONS)
    return advance
  }
}

type TableSource = Extract<SourcePlan, { readonly kind: 'table' }>

/** Read access to source tables. A federated catalog's data needs an additional grant from its owner. */
function sourceTables(plan: Plan, stack: Stack): readonly PolicyStatement[] {
  const tables = Object.values(plan.sources).filter(
    (source): source is TableSource => source.kind === 'table',
  )
  const glue = tables.filter(({ catalog }) => catalog === 'AwsDataCatalog')
  const federated = [...new Set(tables.map(({ catalog }) => catalog))].filter(
    name => name !== 'AwsDataCatalog',
  )
  const glueArns = glue.flatMap(({ database, table }) => [
    `database/${database}`,
    `table/${database}/${table}`,
  ])
  const statement = (actions: string[], resources: string[]) =>
    resources.length === 0 ? [] : [new PolicyStatement({ actions, resources: [...new Set(resources)] })]
  return [
    ...statement(
      ['glue:GetDatabase', 'glue:GetTable', 'glue:GetPartitions'],
      glueArns.map(resource => stack.formatArn({ service: 'glue', resource })),
    ),
    ...statement(
      ['athena:GetDataCatalog'],
      federated.map(resourceName =>
        stack.formatArn({ service: 'athena', resource: 'datacatalog', resourceName }),
      ),
    ),
  ]
}
