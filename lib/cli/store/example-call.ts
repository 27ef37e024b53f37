/** A question to the server: as a line to paste, and asked. In a store with consumers, one that may read signs it. */

import { type Credentials, signedHeaders } from '../../local/http/request-signature.ts'
import type { ConsumerPlan, ServicePlan } from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import type { OnlineLocalStore } from './local-store.ts'

export interface ExampleCall {
  readonly url: string
  /** JSON. */
  readonly body: string
  /** Undefined in a store without consumers. */
  readonly signer:
    | { readonly consumer: string; readonly credentials: Credentials; readonly path: string }
    | undefined
}

const mayRead = ({ grants }: ConsumerPlan, service: ServicePlan): boolean =>
  viewRefsRead(service).every(use => {
    const granted = grants.find(({ view }) => view === use.view)?.features.map(({ name }) => name)
    return use.features.every(({ feature }) => granted?.includes(feature))
  })

/** Undefined where no consumer may read all that is asked for. */
export function exampleCall(
  { plan, credentials, objects }: OnlineLocalStore,
  service: ServicePlan,
  call: Pick<ExampleCall, 'url' | 'body'>,
): ExampleCall | undefined {
  if (credentials === undefined) return { ...call, signer: undefined }
  const consumer = Object.values(plan.consumers).find(one => mayRead(one, service))?.name ?? ''
  const known = credentials.consumers[consumer]
  if (known === undefined) return undefined
  return { ...call, signer: { consumer, credentials: known, path: objects.path('credentials.json') } }
}

const HEADERS = { 'content-type': 'application/json' }

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** The secret is looked up when the line is run, and stays out of terminals and histories. */
function signing({ signer }: ExampleCall): string {
  if (signer === undefined) return ''
  const { consumer, path } = signer
  const lookUp = `const c = require(${JSON.stringify(path)}).consumers.${consumer}; c.accessKeyId + ":" + c.secretAccessKey`
  return ` --aws-sigv4 aws:amz:local:execute-api --user "$(node -p ${quoted(lookUp)})"`
}

export const curl = (call: ExampleCall): string =>
  `curl -s ${call.url}${signing(call)} -H 'content-type: application/json' -d ${quoted(call.body)}`

export async function ask({ url, body, signer }: ExampleCall): Promise<string> {
  const { host, pathname: target } = new URL(url)
  const request = { method: 'POST', target, headers: { ...HEADERS, host }, body }
  const headers = signer === undefined ? HEADERS : signedHeaders(request, signer.credentials, Date.now())
  const response = await fetch(url, { method: 'POST', headers, body })
  const text = await response.text()
  if (!response.ok) throw new Error(`the store answered ${response.status}: ${text}`)
  return text
}
