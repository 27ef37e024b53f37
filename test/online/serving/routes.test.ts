import { describe, expect, it } from '@jest/globals'
import {
  ErrorBody,
  OnlineAnswerBody,
  OnlineRequestBody,
  openApi,
} from '../../../lib/online/serving/routes.ts'

describe('the OpenAPI document', () => {
  it('has every route with its statuses', () => {
    expect(openApi()).toMatchObject({
      openapi: '3.1.0',
      paths: {
        '/get-online-features': {
          post: {
            requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
            responses: { 200: {}, 400: {}, 413: {}, 500: {}, 503: {} },
          },
        },
        '/push/{source}': {
          post: {
            parameters: [{ name: 'source', in: 'path', required: true }],
            responses: { 202: {}, 404: {}, 413: {} },
          },
        },
        '/health': { get: { responses: { 200: {} } } },
        '/health/ready': { get: { responses: { 200: {}, 503: {} } } },
        '/openapi.json': { get: { responses: { 200: {} } } },
      },
    })
  })

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(openApi()))).toStrictEqual(openApi())
  })

  it('matches the requests and responses of the API', () => {
    const result = { values: [1], statuses: ['PRESENT'], event_timestamps: ['1970-01-01T00:00:00.000001Z'] }
    expect(OnlineRequestBody.safeParse({ features: ['a:b'], entities: { a: [1, '2', true] } }).success).toBe(
      true,
    )
    expect(OnlineRequestBody.safeParse({ entities: { a: 1 } }).success).toBe(false)
    expect(
      OnlineAnswerBody.safeParse({ metadata: { feature_names: ['a'] }, results: [result] }).success,
    ).toBe(true)
    expect(ErrorBody.safeParse({ error: {} }).success).toBe(false)
  })
})
