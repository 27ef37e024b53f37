/** Secrets of a local store: an access key for each consumer, and the key of hashes. Made at random when first needed. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod/mini'
import { StoreError } from '../store-error.ts'
import { hasCode } from './error-code.ts'
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
  const text = await readFile(path, 'utf8').catch(error => {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  })
  if (text === null) return { maskSecret: secret(), consumers: {} }
  try {
    return Secrets.parse(JSON.parse(text))
  } catch (cause) {
    const message = `${path} holds no credentials; remove it, and new ones are made`
    throw new StoreError('store-damaged', message, { cause })
  }
}

/** Whole or not at all, and for its owner alone. */
async function write(path: string, credentials: LocalCredentials): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${randomUUID()}`
  await writeFile(unfinished, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flush: true })
  await rename(unfinished, path)
}

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
