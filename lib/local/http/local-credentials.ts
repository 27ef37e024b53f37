/**
 * Secrets of a local store: an access key per consumer, and the key of the hash mask. They are random and are created
 * at first use.
 */
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
  /** Credentials by consumer name. */
  readonly consumers: Readonly<Record<string, Credentials>>
}

const secret = (): string => randomBytes(30).toString('base64url')

/** Reads the file; a missing file gives a new secret and no consumers. */
async function read(path: string): Promise<LocalCredentials> {
  // A lost file is refused: a new secret would give other hashes for the same values.
  const text = await readKept(path)
  if (text === null) return { maskSecret: secret(), consumers: {} }
  const secrets = Secrets.safeParse(JSON.parse(text)).data
  if (secrets === undefined) throw damaged(path, 'does not hold the credentials that were written')
  return secrets
}

/** Writes the file atomically, readable by its owner only. */
const write = (path: string, credentials: LocalCredentials): Promise<void> =>
  writeKept(path, JSON.stringify(credentials, null, 2), { mode: 0o600 })

/**
 * Returns the credentials of the store's consumers; creates and stores missing ones.
 * @throws {StoreError} `store-damaged`
 */
export async function localCredentials(
  path: string,
  consumers: readonly string[],
): Promise<LocalCredentials> {
  const stored = await read(path)
  const missing = consumers.filter(name => !Object.hasOwn(stored.consumers, name))
  if (missing.length === 0) return stored
  const made = missing.map(name => [name, { accessKeyId: `local-${name}`, secretAccessKey: secret() }])
  const all = { ...stored, consumers: { ...stored.consumers, ...Object.fromEntries(made) } }
  await write(path, all)
  return all
}
