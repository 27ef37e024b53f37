/** Where a deployed store is: the names that its deploy gave, in one record that functions and the command line share. */
export interface StorePlace {
  readonly region: string
  /** Of all that the offline store keeps. */
  readonly bucket: string
  /** In the Glue catalogue. */
  readonly database: string
  /** Athena's. */
  readonly workGroup: string
  /** The online table, in DynamoDB. */
  readonly table: string
}
