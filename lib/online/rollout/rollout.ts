/**
 * A rollout of a service: the plans that serve, the share of entities of each, and a shadow plan. A rollout is not
 * part of a plan, because it changes while the store serves.
 *
 * The bucket of an entity, from 0 to 9,999, is the same in every call, process and language. It is the first four
 * bytes of the SHA-256 of `service|key text|…` in UTF-8, as a big-endian number, modulo 10,000. The key texts are
 * those of the service's join keys, ordered by name (see entity-key.ts). Variants get buckets in their order: a first
 * variant with 10% gets the buckets below 1,000. So a share that grows keeps its entities.
 */
import { hash } from 'node:crypto'
import * as z from 'zod/mini'

const planHash = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'a plan has a hash of 64 hex digits'))

const Variant = z.object({
  name: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,31}$/, 'a variant has a name such as candidate')),
  plan: planHash,
  percent: z.number().check(z.gte(0), z.lte(100)),
})

/** The last variant gets all remaining buckets. */
export const RolloutSchema = z.object({
  format: z.literal(1),
  service: z.string(),
  /** When the rollout started, in ISO 8601. Shadow comparison counters are stored under this value. */
  started: z.iso.datetime(),
  variants: z.array(Variant).check(z.minLength(1)),
  /** The plan that is read and compared, but whose values are not returned; null for none. */
  shadow: z.nullable(planHash),
  /** The plan that served before, for a rollback; null for none. */
  previous: z.nullable(planHash),
})

/** All rollouts of a store by service. They are one document, which is replaced as a whole. */
export const RolloutConfigurationSchema = z.object({
  format: z.literal(1),
  rollouts: z.record(z.string(), RolloutSchema),
})

export type RolloutConfiguration = z.infer<typeof RolloutConfigurationSchema>
export const NO_ROLLOUTS: RolloutConfiguration = { format: 1, rollouts: {} }

export type Rollout = z.infer<typeof RolloutSchema>
export type Variant = z.infer<typeof Variant>

export const BUCKETS = 10_000

/** @param texts the texts of the entity's join keys, as in item keys */
export function bucketOf(service: string, texts: readonly string[]): number {
  const digest = hash('sha256', [service, ...texts].join('|'), 'buffer')
  return digest.readUInt32BE(0) % BUCKETS
}

/** The index of the variant that serves a bucket. */
export function variantOf({ variants }: Pick<Rollout, 'variants'>, bucket: number): number {
  let end = 0
  const found = variants.findIndex(({ percent }) => {
    end += percent * (BUCKETS / 100)
    return bucket < end
  })
  return found === -1 ? variants.length - 1 : found
}

/** True if one plan serves all entities and there is no shadow. */
export const isSettled = ({ variants, shadow }: Rollout): boolean =>
  shadow === null && new Set(variants.map(({ plan }) => plan)).size === 1
