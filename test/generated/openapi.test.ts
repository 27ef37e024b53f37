/** The requests and responses of a store match its generated OpenAPI document, and those of other stores do not. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { openApiDocument } from '../../lib/clients/openapi.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { guardedPlan } from '../online/guarded-store.ts'
import { ECHO_ROWS, echoPlan } from '../support/echo-store.ts'
import {
  EDGE_ROWS,
  type EveryValueStore,
  everyValueStore,
  JOIN_KEYS,
  questionOf,
} from '../support/every-value-store.ts'

interface Content {
  readonly content: { readonly 'application/json': { readonly schema: object } }
}

interface Document {
  readonly openapi: string
  readonly 'x-quern-plan': string
  readonly paths: Readonly<
    Record<
      string,
      { readonly post: { readonly requestBody: Content; readonly responses: { readonly 200: Content } } }
    >
  >
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const documentOf = (plan: typeof guardedPlan): Document =>
  // The document as a reader of the file sees it.
  JSON.parse(JSON.stringify(openApiDocument({ plan, services: Object.values(plan.services) })))

/** Validators of requests and responses. Each schema is checked strictly. */
function validators({ paths, components }: Document) {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
  ajv.addVocabulary(['components'])
  formats.default(ajv)
  const compiled = ({ content }: Content): ValidateFunction =>
    ajv.compile({ ...content['application/json'].schema, components })
  const post = paths['/get-online-features']?.post
  if (post === undefined) throw new Error('the document has no question')
  return { request: compiled(post.requestBody), answer: compiled(post.responses[200]) }
}

describe('the OpenAPI document of a store with values of all types', () => {
  let store: EveryValueStore
  let document: Document
  beforeAll(async () => {
    store = await everyValueStore(EDGE_ROWS)
    document = documentOf(store.plan)
  })
  afterAll(() => store[Symbol.asyncDispose]())

  const question = (change: (entities: Record<string, unknown[]>) => void = () => undefined) => {
    // The request is from this test, so digits beyond 2^53 do not matter.
    const body = JSON.parse(questionOf(EDGE_ROWS)) as { entities: Record<string, unknown[]> }
    change(body.entities)
    return body
  }

  it('matches the requests and responses of the API', async () => {
    const { request, answer } = validators(document)
    expect([request(question()), request.errors]).toEqual([true, null])
    const { text } = await onlineFeatures(store)(questionOf(EDGE_ROWS))
    expect([answer(JSON.parse(text)), answer.errors]).toEqual([true, null])
  })

  it('allows the digits of an int64 as text', () => {
    const digits = question(entities => {
      entities['key_int64'] = EDGE_ROWS.map(() => '-9007199254740993')
    })
    expect(validators(document).request(digits)).toBe(true)
  })

  it.each(JOIN_KEYS.map(({ name }) => name))(
    'rejects requests without %s, or with a value of another type',
    name => {
      const { request } = validators(document)
      expect(request(question(entities => delete entities[name]))).toBe(false)
      const other = question(entities => {
        entities[name] = EDGE_ROWS.map(() => ({}))
      })
      expect(request(other)).toBe(false)
    },
  )

  it('rejects other services, join keys and features', async () => {
    const { request, answer } = validators(document)
    expect(request({ ...question(), feature_service: 'something' })).toBe(false)
    expect(request(question(entities => Object.assign(entities, { more: [] })))).toBe(false)
    const { text } = await onlineFeatures(store)(questionOf(EDGE_ROWS))
    expect(answer(JSON.parse(text.replace('"embedding"', '"embedded"')))).toBe(false)
    expect(answer(JSON.parse(text.replaceAll('"PRESENT"', '"MASKED"')))).toBe(false)
  })

  it('has the hash of the plan and all other routes', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', 'x-quern-plan': store.plan.hash })
    expect(Object.keys(document.paths)).toEqual([
      '/get-online-features',
      '/push/{source}',
      '/health',
      '/health/ready',
      '/openapi.json',
    ])
  })
})

it('has nullable request values, and derived features', async () => {
  const { request, answer } = validators(documentOf(echoPlan))
  const columns = [
    ...(echoPlan.services['echo']?.joinKeys ?? []),
    ...(echoPlan.services['echo']?.request ?? []),
  ]
  const entities = columns.map(
    ({ name, type }) =>
      `${JSON.stringify(name)}:[${ECHO_ROWS.map(({ asked }) => jsonCodec(type).write(asked[name] ?? null)).join(',')}]`,
  )
  const body = `{"feature_service":"echo","entities":{${entities.join(',')}}}`
  const question = JSON.parse(body) as { readonly entities: Record<string, unknown> }
  expect([request(question), request.errors]).toEqual([true, null])
  const online = { read: async (keys: readonly unknown[]) => keys.map(() => undefined) }
  const world = { plan: echoPlan, online: online as unknown as OnlineStore, clock: { now: () => 0 } }
  const { text } = await onlineFeatures(world)(body)
  expect([answer(JSON.parse(text)), answer.errors]).toEqual([true, null])
  delete question.entities['of_date']
  expect(request(question)).toBe(false)
})

it('has masks for values that can be masked', () => {
  const { schemas } = documentOf(guardedPlan).components
  const text = JSON.stringify(schemas['ApprovalAnswer'])
  expect(Object.keys(schemas)).toEqual(['ApprovalRequest', 'ApprovalAnswer'])
  expect(text.split('"MASKED"')).toHaveLength(4)
})
