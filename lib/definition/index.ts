/**
 * The definition language: functions that build plain objects. `lib/compiler` checks and compiles these objects. This
 * room imports no other room. Tested by test/definition.
 */
export { type AggregateViewProps, aggregateView } from './aggregate-view.ts'
export {
  type Aggregation,
  type AggregationOptions,
  approxDistinct,
  count,
  first,
  last,
  lastN,
  max,
  mean,
  min,
  stddev,
  sum,
} from './aggregation.ts'
export type { Approver, ApproverDeclaration } from './approver.ts'
export {
  type Consumer,
  type ConsumerProps,
  consumer,
  type Grant,
  type Grantable,
  type Unmasked,
  unmasked,
} from './consumer.ts'
export { type DerivedInputs, type DerivedView, type DeriveProps, derive, derived } from './derive.ts'
export { type Duration, days, hours, milliseconds, minutes, seconds } from './duration.ts'
export { type Entity, type EntityProps, entity, type JoinKeys } from './entity.ts'
export {
  type Alarms,
  type Canary,
  type Concurrency,
  type Dax,
  type Environment,
  type EnvironmentProps,
  environment,
  type GivenVpc,
  type NewVpc,
  type RecordAnswers,
  type Throttle,
} from './environment.ts'
export {
  type BoolExpr,
  type Cases,
  type ColumnType,
  column,
  type Expr,
  type Expression,
  type ExpressionType,
  type Float64Expr,
  type Int64Expr,
  literal,
  type Operand,
  type StringExpr,
  type TimestampExpr,
  when,
} from './expression.ts'
export {
  type FeatureService,
  type FeatureServiceProps,
  featureService,
  type Pick,
  type PickOptions,
  pick,
  type ServiceKeys,
  type ServiceMember,
  type ServiceRequest,
  type ServiceRow,
  type SpineQuery,
} from './feature-service.ts'
export {
  type Feature,
  type FeatureView,
  type FeatureViewProps,
  featureView,
  type Mask,
  type Schedule,
} from './feature-view.ts'
export {
  type FileSource,
  type FileSourceProps,
  fileSource,
  type Source,
  type StreamHistory,
  type StreamSource,
  type StreamSourceProps,
  streamSource,
  type TableSource,
  type TableSourceProps,
  tableSource,
  type ViewSource,
  viewSource,
} from './source.ts'
export { array, type ScalarType, type Value, type ValueOf, type ValueType, vector } from './value-types.ts'
