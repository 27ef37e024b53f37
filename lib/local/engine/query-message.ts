/**
 * What DuckDB says of a query that failed, without its advice: settings, functions and options that it names are not
 * quern's. What is left is the first sentence, which says what was wrong.
 */

/** Where its advice begins, within a line. */
const ADVICE =
  /(?:^|[.!;,:]?\s)\s*(?:You (?:can|may|might|need|must|should)|Try|Consider|Use|Please|Perhaps|Hint|HINT|Possible|Candidate|Did you mean|did you mean|See|To (?:fix|resolve|disable|enable)|If you|set |SET )\b[\s\S]*$/

export function queryMessage(error: unknown): string {
  // By shape: an error may come from another realm.
  const isError = typeof error === 'object' && error !== null && 'message' in error
  const message = String(isError ? error.message : error)
  const [line = ''] = message.split('\n')
  const said = line.replace(ADVICE, '').trim()
  return said === '' ? line.trim() : said
}
