/** Coordinates of a deployed store: names of its AWS resources, shared by functions and CLI. */
export interface StorePlace {
  readonly region: string
  /** S3 bucket of the offline store. */
  readonly bucket: string
  /** Glue database. */
  readonly database: string
  /** Athena workgroup. */
  readonly workGroup: string
  /** Online table in DynamoDB. */
  readonly table: string
}
