/**
 * What DuckDB says of a query that failed, without its advice: settings, functions and options that it names are not
 * quern's. What is left is the first sentence, which says what was wrong.
 */

/** Where its advice begins, within a line. */
const ADVICE =
  /(?:^|[.!;,:]?\s)\s*(?:You (?:can|may|might|need|must|should)|Try|Consider|Use|Please|Perhaps|Hint|HINT|Possible|Candidate|Did you mean|did you mean|See|To (?:fix|resolve|disable|enable)|If you|set |SET )\b[\s\S]*$/

export function queryMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const [line = ''] = message.split('\n')
  const said = line.replace(ADVICE, '').trim()
  return said === '' ? line.trim() : said
}
