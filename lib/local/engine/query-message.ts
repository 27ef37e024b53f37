/**
 * Extracts DuckDB's message for a failed query, without its advice. The advice names settings, functions and options
 * that quern does not offer. The first sentence states the error.
 */

/** Start of the advice within a line. */
const ADVICE =
  /(?:^|[.!;,:]?\s)\s*(?:You (?:can|may|might|need|must|should)|Try|Consider|Use|Please|Perhaps|Hint|HINT|Possible|Candidate|Did you mean|did you mean|See|To (?:fix|resolve|disable|enable)|If you|set |SET )\b[\s\S]*$/

export function queryMessage(error: unknown): string {
  // `instanceof` fails for errors from another realm.
  const isError = typeof error === 'object' && error !== null && 'message' in error
  const message = String(isError ? error.message : error)
  const [line = ''] = message.split('\n')
  const said = line.replace(ADVICE, '').trim()
  return said === '' ? line.trim() : said
}
