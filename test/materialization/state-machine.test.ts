import { describe, expect, it } from '@jest/globals'
import validate from 'asl-validator'
import { compile } from '../../lib/compiler/compile.ts'
import { entity, featureView, fileSource, viewSource } from '../../lib/definition/index.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { stateMachine, TASKS } from '../../lib/materialization/state-machine.ts'
import type { WorkflowEvent } from '../../lib/runtime.ts'
import { WorkflowFailed } from '../../lib/store-error.ts'
import type { WrittenView } from '../../lib/verbs/materialize/materialize.ts'
import { reportRun } from '../../lib/verbs/materialize/report-run.ts'
import { definitions, golden } from '../golden/golden.ts'

const user = entity({ name: 'user', joinKeys: { user: 'string' } })
const events = fileSource({ name: 'events', path: 'events.parquet', eventTimestamp: 'at' })
const view = (name: string, more = {}) =>
  featureView({ name, entities: [user], source: events, features: { f: 'int32' }, ...more })

const PLAN = compile([
  view('a'),
  view('b'),
  view('c', { source: viewSource({ view: 'a' }) }),
  view('d', { online: false }),
])
const INPUT = { views: ['a@1', 'b@1', 'c@1'], ingest: ['d@1'], from: null, to: '5' }

type Payload = { view: string; run: { views: string[]; ingest: string[] } }
/** Tasks that record their calls. */
const tasks = (more = {}) => ({
  IngestView: async (payload: unknown) => {
    const { view: key, run } = payload as Payload
    const status = run.ingest.includes(key) ? 'ingested' : 'skipped'
    return { view: key, status, written: 0, kept: 0, error: null }
  },
  SelectLatestRows: async (payload: unknown) => {
    const { view: key, run } = payload as Payload
    const chunks = run.views.includes(key)
      ? [
          { path: `${key}.parquet`, from: 0, to: 2 },
          { path: `${key}.parquet`, from: 2, to: 3 },
        ]
      : []
    return { view: key, status: 'selected', path: null, rows: 3, chunks, watermark: null }
  },
  WriteChunk: async () => ({ written: 1, kept: 0 }),
  AdvanceWatermark: async (payload: unknown) => {
    const { selected } = payload as { selected: WrittenView }
    const failed = selected.written.find(report => 'error' in report)
    if (failed !== undefined) throw new TypeError(failed.error.Cause)
    return {
      view: selected.view,
      status: 'materialized',
      written: selected.written.length,
      kept: 0,
      error: null,
    }
  },
  ReportRun: async (payload: unknown) => reportRun(payload as { levels: unknown[][] }),
  ...more,
})

describe('the materialization workflow', () => {
  it('is a valid state machine, for the example store and for a small store', () => {
    for (const plan of [PLAN, compile(definitions)]) {
      // The validator writes defaults into its input.
      const { isValid, errors } = validate(structuredClone(stateMachine(plan)))
      expect({ isValid, errors }).toEqual({ isValid: true, errors: [] })
    }
  })

  it('equals the reviewed document for the example store', () => {
    golden('state-machine.json', stateMachine(compile(definitions)))
  })

  it('uses no feature that the local interpreter and Step Functions interpret differently', () => {
    const text = JSON.stringify(stateMachine(compile(definitions)))
    for (const word of [
      'QueryLanguage',
      'ItemReader',
      'ItemBatcher',
      'ResultWriter',
      'ToleratedFailure',
      'Assign',
      '{%',
    ])
      expect(text).not.toContain(word)
  })

  it('calls Lambda only in the partition of its deployment', () => {
    const text = JSON.stringify(stateMachine(PLAN, { partition: 'aws-cn' }))
    const arns = new Set(text.match(/arn:[^"]+/g))
    expect([...arns]).toEqual(['arn:aws-cn:states:::lambda:invoke'])
  })

  it('times out after a day, also in the local interpreter', async () => {
    const document = stateMachine(PLAN)
    expect(document.TimeoutSeconds).toBe(86_400)
    const slow = tasks({ IngestView: () => new Promise(done => setTimeout(done, 3_000)) })
    const run = aslWorkflow({ tasks: slow }).run({ ...document, TimeoutSeconds: 1 }, INPUT)
    await expect(run).rejects.toMatchObject({ error: 'States.Timeout' })
  })

  it('puts a view that reads another view on a later level, and marks views that are online', () => {
    const { Parameters } = stateMachine(PLAN).States['Begin'] as { Parameters: { levels: unknown } }
    expect(Parameters.levels).toEqual([
      [
        { view: 'a@1', online: true },
        { view: 'b@1', online: true },
        { view: 'd@1', online: false },
      ],
      [{ view: 'c@1', online: true }],
    ])
  })

  it('reports the result of each view', async () => {
    const report = await aslWorkflow({ tasks: tasks() }).run(stateMachine(PLAN), INPUT)
    expect(report).toMatchObject({
      failed: 0,
      views: [
        { view: 'a@1', status: 'materialized', written: 2 },
        { view: 'b@1', status: 'materialized', written: 2 },
        { view: 'd@1', status: 'ingested', written: 0 },
        { view: 'c@1', status: 'materialized', written: 2 },
      ],
    })
  })

  it('names a view that failed, and completes the others', async () => {
    const WriteChunk = async (payload: unknown) => {
      if ((payload as Payload).view === 'a@1') throw new TypeError('a bad row')
      return { written: 1, kept: 0 }
    }
    const run = aslWorkflow({ tasks: tasks({ WriteChunk }) }).run(stateMachine(PLAN), INPUT)
    const error = await run.then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(WorkflowFailed)
    const report = JSON.parse((error as WorkflowFailed).message)
    expect((error as WorkflowFailed).error).toBe('ViewsFailed')
    expect(report).toMatchObject({
      failed: 1,
      views: [
        { view: 'a@1', status: 'failed', error: expect.stringContaining('a bad row') },
        { view: 'b@1', status: 'materialized' },
        { view: 'd@1', status: 'ingested' },
        { view: 'c@1', status: 'materialized' },
      ],
    })
  })

  it('reports each finished task: chunks within views within levels', async () => {
    const done: string[] = []
    const onEvent = ({ kind, state }: WorkflowEvent): void => {
      if (kind === 'done') done.push(state)
    }
    await aslWorkflow({ tasks: tasks(), onEvent }).run(stateMachine(PLAN), INPUT)
    const counts = Object.groupBy(done, state => state)
    expect(Object.fromEntries(Object.entries(counts).map(([state, all]) => [state, all?.length]))).toEqual({
      Ingest: 1,
      Select: 3,
      'Write chunk': 6,
      Advance: 3,
      Report: 1,
    })
  })

  it('retries a transient fault of the store', async () => {
    let calls = 0
    const events: WorkflowEvent[] = []
    const WriteChunk = async () => {
      calls++
      if (calls > 1) return { written: 1, kept: 0 }
      throw Object.assign(new Error('throttled'), { name: 'OnlineStoreError' })
    }
    const workflow = aslWorkflow({ tasks: tasks({ WriteChunk }), onEvent: event => events.push(event) })
    await workflow.run(stateMachine(PLAN), { ...INPUT, views: ['a@1'] })
    expect(calls).toBe(3)
    expect(events.some(event => event.kind === 'retried')).toBe(true)
  })

  it('calls only deployed functions', async () => {
    const named = new Set(JSON.stringify(stateMachine(PLAN)).match(/(?<=\$\{)\w+(?=\})/g))
    expect([...named].sort()).toEqual([...TASKS].sort())
    await expect(aslWorkflow({ tasks: {} }).run(stateMachine(PLAN), INPUT)).rejects.toThrow(
      /for which there is no handler/,
    )
  })

  it('has no work for a plan without views', async () => {
    const report = await aslWorkflow({ tasks: tasks() }).run(stateMachine(compile([])), {
      ...INPUT,
      views: [],
    })
    expect(report).toMatchObject({ failed: 0, views: [] })
  })
})
