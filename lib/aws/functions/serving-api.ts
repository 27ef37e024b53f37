/** Calls a deployed serving API with a request signed by the given credentials. */
import { StoreError } from '../../store-error.ts'
import { type Signatory, signer } from '../signature.ts'

export interface ServingApiProps {
  /** Such as `https://abc.execute-api.eu-west-1.amazonaws.com`. */
  readonly url: string
  readonly region: string
  readonly credentials: () => Promise<Signatory['credentials']>
}

/** Maximum time for a response, in milliseconds; API Gateway's own limit is 30 s. */
const PATIENCE_MS = 30_000

/** The message of an error response of the serving API or of API Gateway. */
function messageOf(text: string): string {
  try {
    const { error, message } = Object(JSON.parse(text))
    return String(Object(error).message ?? message ?? text)
  } catch {
    return text
  }
}

/**
 * @returns the response body
 * @throws {StoreError} `bad-argument` if the request is refused; `store-unreachable` if the API does not respond or
 * fails
 */
export async function askServingApi(props: ServingApiProps, path: string, body: string): Promise<string> {
  const { url, region } = props
  const to = new URL(`${url.replace(/\/$/, '')}${path}`)
  const headers = signer('execute-api')(
    { host: to.host, path: to.pathname, body },
    { credentials: await props.credentials(), region, now: Date.now() },
  )
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const response = await fetch(to, { method: 'POST', headers, body, signal }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('store-unreachable', `${to} did not answer: ${reason}; try again`, { cause })
  })
  const text = await response.text()
  if (response.ok) return text
  const refused = response.status < 500
  throw new StoreError(
    refused ? 'bad-argument' : 'store-unreachable',
    `${to} answered ${response.status}: ${messageOf(text)}`,
  )
}
