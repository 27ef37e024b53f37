/** The table of rooms in docs/architecture.md: what each may import. A room that is not here does not exist. */
export interface Room {
  /** A folder, or a single file. */
  readonly path: string
  /** Folders and files that it may import, itself apart. */
  readonly imports: readonly string[]
  /** Of which it may import types only. @default none */
  readonly types?: readonly string[]
  /** Packages and Node's own modules that it may import. */
  readonly packages: RegExp
  /** Has no clock, no process, no files, no network, no promise. @default false */
  readonly pure?: boolean
}

const NONE = /^$/
const PURE_PACKAGES = /^(zod(\/mini)?|node:crypto)$/
const PURE_ROOMS = [
  'lib/definition/',
  'lib/compiler/',
  'lib/point-in-time.ts',
  'lib/storable/',
  'lib/expression/',
  'lib/select/',
  'lib/offline/',
  'lib/online/',
  'lib/materialization/',
]
/** Of the compiler, what reads a plan; compiling is done before. */
const PLAN = [
  'lib/compiler/plan.ts',
  'lib/compiler/order.ts',
  'lib/compiler/by-name.ts',
  'lib/compiler/canonical.ts',
  'lib/compiler/dax-views.ts',
  'lib/compiler/ad-hoc-service.ts',
  'lib/compiler/uses-read.ts',
  'lib/compiler/nearest-name.ts',
  'lib/compiler/principal.ts',
  'lib/compiler/schedule-gap.ts',
  'lib/compiler/stored-source.ts',
  'lib/compiler/streams-of.ts',
]
// What a value is includes what the store can hold of it: one rule for every door, in SQL and in JavaScript.
const VALUES = ['lib/definition/value-types.ts', 'lib/point-in-time.ts', 'lib/window.ts', 'lib/storable/']

export const ROOMS: readonly Room[] = [
  { path: 'definitions/', imports: [], packages: /^quern$/ },
  { path: 'lib/definition/', imports: [], packages: /^zod$/, pure: true },
  { path: 'lib/point-in-time.ts', imports: [], packages: NONE, pure: true },
  { path: 'lib/window.ts', imports: ['lib/point-in-time.ts'], packages: NONE, pure: true },
  {
    path: 'lib/storable/',
    imports: ['lib/definition/value-types.ts', 'lib/point-in-time.ts', 'lib/window.ts'],
    types: ['lib/compiler/plan.ts'],
    packages: NONE,
    pure: true,
  },
  { path: 'lib/approx-distinct.ts', imports: [], packages: /^node:crypto$/, pure: true },
  {
    path: 'lib/expression/',
    imports: ['lib/definition/value-types.ts', 'lib/definition/expression-data.ts'],
    types: ['lib/offline/dialect.ts'],
    packages: NONE,
    pure: true,
  },
  // Of the compiler, only how near two names are: it knows no plan.
  { path: 'lib/select/', imports: ['lib/compiler/nearest-name.ts'], packages: NONE, pure: true },
  {
    path: 'lib/compiler/',
    imports: ['lib/definition/', 'lib/expression/', 'lib/select/', 'lib/window.ts'],
    packages: /^(zod(\/mini)?|node:crypto|diff)$/,
    pure: true,
  },
  {
    path: 'lib/offline/',
    imports: [...VALUES, ...PLAN, 'lib/expression/', 'lib/select/'],
    packages: PURE_PACKAGES,
    pure: true,
  },
  {
    path: 'lib/online/',
    imports: [...VALUES, ...PLAN, 'lib/expression/', 'lib/approx-distinct.ts'],
    // lru-cache keeps what was prepared, without a clock.
    packages: /^(zod(\/mini)?|node:crypto|lru-cache)$/,
    pure: true,
  },
  {
    path: 'lib/materialization/',
    // Which rows a run puts online is said in the offline store's SQL; where it stands, in the contracts' types.
    imports: [...VALUES, ...PLAN, 'lib/offline/'],
    types: ['lib/runtime.ts'],
    packages: PURE_PACKAGES,
    pure: true,
  },
  // Copied into other people's programs: it has nothing of ours, and calls out as they do.
  { path: 'lib/clients/runtime/', imports: [], packages: NONE },
  { path: 'lib/clients/', imports: [...VALUES, ...PLAN, 'lib/online/'], packages: NONE, pure: true },
  {
    path: 'lib/reader.ts',
    imports: [...VALUES, 'lib/online/', 'lib/compiler/by-name.ts'],
    types: ['lib/compiler/plan.ts'],
    packages: /^@aws-sdk\/client-dynamodb$/,
  },
  { path: 'lib/runtime.ts', imports: [], types: PURE_ROOMS, packages: NONE },
  { path: 'lib/store-error.ts', imports: [], packages: NONE, pure: true },
  { path: 'lib/text-lines.ts', imports: [], packages: NONE },
  {
    path: 'lib/verbs/',
    // hyparquet is no engine: it decodes bytes that a contract gives, and opens nothing by itself.
    imports: [...PURE_ROOMS, 'lib/runtime.ts', 'lib/store-error.ts'],
    packages: /^(zod(\/mini)?|hyparquet|lru-cache|node:(crypto|path))$/,
  },
  {
    path: 'lib/aws/',
    imports: [...PURE_ROOMS, 'lib/runtime.ts', 'lib/store-error.ts', 'lib/text-lines.ts'],
    // hyparquet as in lib/verbs: large results of Athena come as Parquet.
    packages: /^(@aws-sdk\/|@smithy\/|@amazon-dax-sdk\/client-dax$|zod|hyparquet$|node:)/,
  },
  {
    path: 'lib/local/',
    imports: [...PURE_ROOMS, 'lib/runtime.ts', 'lib/aws/', 'lib/store-error.ts', 'lib/text-lines.ts'],
    packages: /^(?!aws-cdk-lib|constructs|quern$)/,
  },
  {
    path: 'lib/cost/',
    // The size of an item is what its codec makes of a row, and that of a row what a table has; runs and their alarms
    // are materialization's.
    imports: [...VALUES, ...PLAN, 'lib/online/', 'lib/offline/', 'lib/materialization/'],
    types: ['lib/compiler/environment-plan.ts'],
    packages: PURE_PACKAGES,
    pure: true,
  },
  {
    path: 'lib/infrastructure/',
    imports: PURE_ROOMS,
    // Functions are taken by path: esbuild bundles them, and the plan is written beside them.
    packages: /^(aws-cdk-lib|constructs$|esbuild$|@aws-cdk\/cloudformation-diff$|node:(path|fs)$)/,
  },
  { path: 'lib/catalog/', imports: PURE_ROOMS, packages: /^(?!@aws-sdk|aws-cdk-lib|constructs)/ },
  {
    path: 'lambdas/',
    imports: [...PURE_ROOMS, 'lib/runtime.ts', 'lib/store-error.ts', 'lib/verbs/', 'lib/aws/'],
    packages: /^(@aws-lambda-powertools\/|@middy\/|aws-lambda$|zod|node:(buffer|crypto)$)/,
  },
  { path: 'bin/', imports: ['lib/', 'lambdas/', 'definitions/'], packages: /./ },
]
