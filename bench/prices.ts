/**
 * AWS's public on-demand prices in US dollars, region us-east-1, as known on 2026-11-24: written from memory of the pages
 * named here, not fetched. Check them before money depends on them.
 */
export const PRICES = {
  asOf: '2026-11-24',
  region: 'us-east-1',
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/: standard table class. */
  dynamodbMillionReadUnits: 0.125,
  /** https://aws.amazon.com/api-gateway/pricing/: HTTP API, the first 300 million a month, each begun 512 KB is one. */
  apiGatewayMillionRequests: 1,
  /** https://aws.amazon.com/lambda/pricing/ */
  lambdaMillionRequests: 0.2,
} as const
