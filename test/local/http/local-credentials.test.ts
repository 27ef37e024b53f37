import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { localCredentials } from '../../../lib/local/http/local-credentials.ts'

describe('localCredentials', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quern-credentials-'))
    path = join(folder, 'store', 'credentials.json')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('creates random credentials once, readable by their owner only', async () => {
    const made = await localCredentials(path, ['a', 'b'])
    expect(Object.keys(made.consumers)).toEqual(['a', 'b'])
    const secrets = [made.maskSecret, ...Object.values(made.consumers).map(one => one.secretAccessKey)]
    expect(new Set(secrets).size).toBe(3)
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{40}$/)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await localCredentials(path, ['b', 'a'])).toEqual(made)
  })

  it('keeps existing credentials when a consumer is added', async () => {
    const before = await localCredentials(path, ['a'])
    const after = await localCredentials(path, ['a', 'b'])
    expect(after).toMatchObject(before)
    expect(after.consumers['b']?.accessKeyId).toBe('local-b')
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject(after)
  })

  it('does not overwrite an unreadable file', async () => {
    await localCredentials(path, ['a'])
    await writeFile(path, '{"consumers":')
    await expect(localCredentials(path, ['a', 'b'])).rejects.toThrow(
      `${path} has other content than was written; run quern repair`,
    )
    expect(await readFile(path, 'utf8')).toBe('{"consumers":')
  })

  it('does not silently recreate lost or changed credentials', async () => {
    await localCredentials(path, ['a'])
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('local-a', 'local-b'))
    await expect(localCredentials(path, ['a'])).rejects.toMatchObject({ code: 'store-damaged' })
    await rm(path)
    await expect(localCredentials(path, ['a'])).rejects.toThrow(`${path} is missing; run quern repair`)
  })
})
