/** The table of rooms in docs/architecture.md: what each may import. A room that is not here does not exist. */
export interface Room {
  /** A folder or a single file. */
  readonly path: string
  /** Folders and files that it may import, besides its own. */
  readonly imports: readonly string[]
  /** Folders and files of which it may import types only. @default none */
  readonly types?: readonly string[]
  /** Packages and Node modules that it may import. */
  readonly packages: RegExp
  /** The room uses no clock, process, file, network or promise. @default false */
  readonly pure?: boolean
}

const NONE = /^$/
const PURE_PACKAGES = /^(zod(\/mini)?|node:crypto)$/

/** The pure rooms in reading order: a room imports only rooms above it. */
const LANGUAGE = ['lib/text/', 'lib/definition/', 'lib/semantics/']
const EXPRESSIONS = [...LANGUAGE, 'lib/sql/', 'lib/expression/', 'lib/select/']
const PLAN = [...EXPRESSIONS, 'lib/plan/']
const CHANGE = [...PLAN, 'lib/compiler/', 'lib/change/', 'lib/storable/']
const PURE_ROOMS = [...CHANGE, 'lib/offline/', 'lib/online/', 'lib/materialization/']
const ERRORS = ['lib/store-error.ts', 'lib/text-lines.ts']

export const ROOMS: readonly Room[] = [
  { path: 'definitions/', imports: [], packages: /^quern$/ },
  { path: 'lib/text/', imports: [], packages: /^(node:crypto|diff)$/, pure: true },
  { path: 'lib/definition/', imports: [], packages: /^zod$/, pure: true },
  {
    path: 'lib/semantics/',
    imports: ['lib/definition/value-types.ts'],
    packages: /^node:crypto$/,
    pure: true,
  },
  { path: 'lib/select/', imports: ['lib/text/'], packages: NONE, pure: true },
  { path: 'lib/sql/', imports: [...LANGUAGE, 'lib/select/'], packages: NONE, pure: true },
  { path: 'lib/expression/', imports: LANGUAGE, types: ['lib/sql/'], packages: NONE, pure: true },
  { path: 'lib/plan/', imports: EXPRESSIONS, packages: PURE_PACKAGES, pure: true },
  // The limits of what the store can hold, as SQL and as JavaScript.
  { path: 'lib/storable/', imports: PLAN, packages: NONE, pure: true },
  { path: 'lib/compiler/', imports: [...PLAN, 'lib/storable/'], packages: PURE_PACKAGES, pure: true },
  { path: 'lib/change/', imports: [...PLAN, 'lib/compiler/'], packages: PURE_PACKAGES, pure: true },
  { path: 'lib/offline/', imports: [...PLAN, 'lib/storable/'], packages: PURE_PACKAGES, pure: true },
  {
    path: 'lib/online/',
    imports: [...PLAN, 'lib/storable/'],
    // lru-cache keeps prepared feature lists; it reads no clock.
    packages: /^(zod(\/mini)?|node:crypto|lru-cache)$/,
    pure: true,
  },
  {
    path: 'lib/materialization/',
    // The offline store's SQL decides which rows a run writes; the watermark is a type of the contracts.
    imports: [...PLAN, 'lib/storable/', 'lib/offline/'],
    types: ['lib/runtime.ts'],
    packages: PURE_PACKAGES,
    pure: true,
  },
  {
    path: 'lib/cost/',
    // Item sizes come from the item codec, row sizes from the table's columns, runs from materialization.
    imports: [...PLAN, 'lib/storable/', 'lib/online/', 'lib/offline/', 'lib/materialization/'],
    packages: PURE_PACKAGES,
    pure: true,
  },
  // Copied into other programs, so it imports nothing.
  { path: 'lib/clients/runtime/', imports: [], packages: NONE },
  { path: 'lib/clients/', imports: [...PLAN, 'lib/storable/', 'lib/online/'], packages: NONE, pure: true },
  {
    path: 'lib/reader.ts',
    imports: [...PLAN, 'lib/storable/', 'lib/online/'],
    packages: /^@aws-sdk\/client-dynamodb$/,
  },
  { path: 'lib/runtime.ts', imports: [], types: PURE_ROOMS, packages: NONE },
  { path: 'lib/store-error.ts', imports: [], packages: NONE, pure: true },
  { path: 'lib/text-lines.ts', imports: [], packages: NONE },
  {
    path: 'lib/verbs/',
    // hyparquet decodes bytes that a contract returns; it opens no file itself.
    imports: [...PURE_ROOMS, ...ERRORS, 'lib/runtime.ts'],
    packages: /^(zod(\/mini)?|hyparquet|lru-cache|node:(crypto|path))$/,
  },
  {
    path: 'lib/aws/',
    imports: [...PURE_ROOMS, ...ERRORS, 'lib/runtime.ts'],
    // hyparquet decodes large Athena results, which arrive as Parquet.
    packages: /^(@aws-sdk\/|@smithy\/|@amazon-dax-sdk\/client-dax$|zod|hyparquet$|node:)/,
  },
  {
    path: 'lib/local/',
    imports: [...PURE_ROOMS, ...ERRORS, 'lib/runtime.ts', 'lib/aws/'],
    packages: /^(?!aws-cdk-lib|constructs|quern$)/,
  },
  {
    path: 'lib/infrastructure/',
    imports: PURE_ROOMS,
    // Functions are referenced by path: esbuild bundles them and the plan is written beside them.
    packages: /^(aws-cdk-lib|constructs$|esbuild$|@aws-cdk\/cloudformation-diff$|node:(path|fs)$)/,
  },
  {
    path: 'lambdas/',
    imports: [...PURE_ROOMS, ...ERRORS, 'lib/runtime.ts', 'lib/verbs/', 'lib/aws/'],
    packages: /^(@aws-lambda-powertools\/|@middy\/|aws-lambda$|zod|node:(buffer|crypto)$)/,
  },
  { path: 'lib/cli/', imports: ['lib/', 'lambdas/', 'definitions/'], packages: /./ },
  { path: 'bin/', imports: ['lib/', 'lambdas/', 'definitions/'], packages: /./ },
]
