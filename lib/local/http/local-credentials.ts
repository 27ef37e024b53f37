/** Secrets of a local store: an access key for each consumer, and the key of hashes. Made at random when first needed. */
import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { damaged } from '../files/damaged.ts'
import { readKept, writeKept } from '../files/kept-files.ts'
import type { Credentials } from './request-signature.ts'

const Secrets = z.object({
  maskSecret: z.string(),
  consumers: z.record(z.string(), z.object({ accessKeyId: z.string(), secretAccessKey: z.string() })),
})

export interface LocalCredentials {
  readonly maskSecret: string
  /** By the consumer's name. */
  readonly consumers: Readonly<Record<string, Credentials>>
}

const secret = (): string => randomBytes(30).toString('base64url')

/** What the file says; nothing if there is none. */
async function read(path: string): Promise<LocalCredentials> {
  // One that was lost is refused: new secrets in its place would give other hashes for the same values.
  const text = await readKept(path)
  if (text === null) return { maskSecret: secret(), consumers: {} }
  const secrets = Secrets.safeParse(JSON.parse(text)).data
  if (secrets === undefined) throw damaged(path, 'does not hold the credentials that were written')
  return secrets
}

/** Whole or not at all, and for its owner alone. */
const write = (path: string, credentials: LocalCredentials): Promise<void> =>
  writeKept(path, JSON.stringify(credentials, null, 2), { mode: 0o600 })

/**
 * The credentials of a store's consumers; those that are not there yet are made and kept.
 * @throws {StoreError} `store-damaged`
 */
export async function localCredentials(
  path: string,
  consumers: readonly string[],
): Promise<LocalCredentials> {
  const known = await read(path)
  const missing = consumers.filter(name => !Object.hasOwn(known.consumers, name))
  if (missing.length === 0) return known
  const made = missing.map(name => [name, { accessKeyId: `local-${name}`, secretAccessKey: secret() }])
  const all = { ...known, consumers: { ...known.consumers, ...Object.fromEntries(made) } }
  await write(path, all)
  return all
}
