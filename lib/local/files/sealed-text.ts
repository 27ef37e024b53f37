/**
 * Sealed JSON: the last member of the object is the hash of all text before it. JSON with a flipped byte often still
 * parses, but the hash does not match. Other readers see one more member.
 */
import { hash } from 'node:crypto'

export const sha256 = (text: string): string => hash('sha256', text, 'hex')

const SEAL = /,\s*"sha256":\s*"([0-9a-f]{64})"\s*\}\s*$/
const GENERATION = /,\s*"generation":\s*(\d{1,15})$/

/**
 * @param text a JSON object with at least one member
 * @param generation number of writes of the file; it distinguishes an old copy from the last one
 */
export function sealed(text: string, generation?: number): string {
  const own = text.trimEnd().slice(0, -1).trimEnd()
  const between = own.includes('\n') ? ',\n  ' : ','
  const members = generation === undefined ? own : `${own}${between}"generation":${generation}`
  const member = `"sha256":"${sha256(members)}"`
  return own.includes('\n') ? `${members},\n  ${member}\n}\n` : `${members},${member}}`
}

/** `unsealed`: an earlier version of quern wrote the text; only its JSON syntax is checked. */
export type Opened =
  | {
      readonly state: 'intact' | 'unsealed'
      readonly text: string
      /** 0: sealed without a generation. */
      readonly generation: number
    }
  | { readonly state: 'damaged' }

/** Verifies and removes the seal. The result may differ from the original in white space around the last brace. */
export function opened(text: string): Opened {
  const seal = SEAL.exec(text)
  if (seal === null) return isJson(text) ? { state: 'unsealed', text, generation: 0 } : { state: 'damaged' }
  const all = text.slice(0, seal.index)
  if (sha256(all) !== seal[1]) return { state: 'damaged' }
  const generation = GENERATION.exec(all)
  const members = all.slice(0, generation?.index)
  return {
    state: 'intact',
    text: members.includes('\n') ? `${members}\n}\n` : `${members}}`,
    generation: Number(generation?.[1] ?? 0),
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
