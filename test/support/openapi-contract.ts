/** Checks requests and responses of a server against the OpenAPI document that it serves. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: object }>>
}

interface Operation {
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content>>
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/**
 * `fetch` with a path on one server.
 * @throws {Error} if the document does not describe the request or the response
 */
export type ContractFetch = (path: string, init?: RequestInit) => Promise<Response>

/** Creates a fetch that accepts only what `GET /openapi.json` describes. */
export async function contractFetch(url: string): Promise<ContractFetch> {
  // The schema compiler checks each part that is used.
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as Document
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true })
  formats.default(ajv)
  const compiled = new Map<object, ValidateFunction>()
  const check = (what: string, content: Content, type: string, text: string): void => {
    const schema = content.content[type]?.schema
    if (schema === undefined) throw new Error(`${what}: ${type} is not documented`)
    const validate = compiled.get(schema) ?? ajv.compile(schema)
    compiled.set(schema, validate)
    if (!validate(JSON.parse(text))) throw new Error(`${what}: ${ajv.errorsText(validate.errors)}: ${text}`)
  }
  // Every route may respond with the form of all errors.
  const [fault] = Object.values(paths).flatMap(methods =>
    Object.values(methods).map(one => one.responses[500]),
  )
  return async (path, init = {}) => {
    const response = await fetch(url + path, init)
    const method = init.method ?? 'GET'
    const what = `${method} ${path} ${response.status}`
    const operation = paths[path]?.[method.toLowerCase()]
    const refused = operation === undefined && [404, 405].includes(response.status) ? fault : undefined
    const content = operation?.responses[response.status] ?? refused
    if (content === undefined) throw new Error(`${what} is not documented`)
    check(what, content, response.headers.get('content-type') ?? '', await response.clone().text())
    if (response.ok && operation?.requestBody !== undefined)
      check(`the body of ${what}`, operation.requestBody, 'application/json', String(init.body))
    return response
  }
}
