/** Asks a deployed serving API, signed as whoever's credentials these are. */
import { StoreError } from '../../store-error.ts'
import { type Signatory, signer } from '../signature.ts'

export interface ServingApiProps {
  /** Such as `https://abc.execute-api.eu-west-1.amazonaws.com`. */
  readonly url: string
  readonly region: string
  readonly credentials: () => Promise<Signatory['credentials']>
}

/** How long an answer may take, in milliseconds; API Gateway's own limit is 30 s. */
const PATIENCE_MS = 30_000

/** A refusal's message, in the serving API's form or API Gateway's own. */
function messageOf(text: string): string {
  try {
    const { error, message } = Object(JSON.parse(text))
    return String(Object(error).message ?? message ?? text)
  } catch {
    return text
  }
}

/** @returns the answer's text. @throws {StoreError} `bad-argument` if the request is refused; `store-unreachable` */
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
