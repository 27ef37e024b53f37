/** Compares the two servers' responses to one request. */

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly unknown[] }[]
}

async function valuesOf(url: string, body: string): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body })
  // Both speak the same protocol; a server that does not fails in the comparison.
  const { metadata, results } = (await response.json()) as Answer
  return new Map(metadata.feature_names.map((name, i) => [name, results[i]?.values ?? []]))
}

const SAMPLE = 200

/**
 * @returns how many values were the same
 * @throws {Error} if any differs
 */
export async function sameAnswers(ours: string, theirs: string, entities: number): Promise<number> {
  const customers = Array.from({ length: SAMPLE }, (_, i) => (i * 7_919) % entities)
  const body = JSON.stringify({ feature_service: 'both', entities: { customer_id: customers } })
  const [mine, other] = await Promise.all([valuesOf(ours, body), valuesOf(theirs, body)])
  let same = 0
  for (const [name, values] of mine)
    for (const [row, value] of values.entries()) {
      if (value !== other.get(name)?.[row])
        throw new Error(`${name} of ${customers[row]} differs from the peer's`)
      same++
    }
  if (same !== SAMPLE * 21) throw new Error(`${same} values were compared instead of ${SAMPLE * 21}`)
  return same
}
