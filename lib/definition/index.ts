/**
 * The language: what a definition may say, and nothing else. Imports nothing from other rooms, does nothing but
 * build plain objects; `lib/compiler` finds out what they mean. Judged by test/definition.
 */
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
  type Throttle,
} from './environment.ts'
export {
  type FeatureService,
  type FeatureServiceProps,
  featureService,
  type Pick,
  type PickOptions,
  pick,
  type ServiceKeys,
  type ServiceMember,
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
  type TableSource,
  type TableSourceProps,
  tableSource,
  type ViewSource,
  viewSource,
} from './source.ts'
export { array, type ScalarType, type Value, type ValueOf, type ValueType, vector } from './value-types.ts'
