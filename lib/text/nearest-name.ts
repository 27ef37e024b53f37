/** The edit distance (insert, delete, replace a character) of two texts; Infinity if it is greater than `limit`. */
function distance(a: string, b: string, limit: number): number {
  // The distance is at least the difference in length.
  if (Math.abs(a.length - b.length) > limit) return Infinity
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    // The minimum of a row never decreases from row to row.
    if (Math.min(...next) > limit) return Infinity
    row = next
  }
  return row[b.length] ?? 0
}

/** The longest name: two names of 63 characters and a colon. The limit also bounds the time per text. */
const MAX_LENGTH = 127

/** The name with the smallest edit distance, ignoring case. Undefined if that is more than a third of the text. */
export function nearestName(text: string, names: readonly string[]): string | undefined {
  if (text.length > MAX_LENGTH) return undefined
  let [best, limit]: [string | undefined, number] = [undefined, Math.floor(Math.max(1, text.length / 3))]
  for (const name of names) {
    const edits = distance(text.toLowerCase(), name.toLowerCase(), limit)
    if (edits <= limit) [best, limit] = [name, edits - 1]
  }
  return best
}
