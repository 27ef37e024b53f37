/**
 * A rollout: which plans answer for a service, each for which share of its entities, and which is only tried. It is no
 * part of a plan: it changes while the store serves.
 *
 * An entity's bucket, from 0 to 9,999, is the same in every call, process and language: the first four bytes of the
 * SHA-256 of `service|key text|…` in UTF-8, as a big-endian number, modulo 10,000. The key texts are those of the
 * service's join keys in the order of their names (see entity-key.ts). Variants take buckets in their order: the first
 * with 10% has those below 1,000. So a share that grows keeps the entities that it has.
 */
import { hash } from 'node:crypto'
import * as z from 'zod/mini'

const planHash = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'a plan has a hash of 64 hex digits'))

const Variant = z.object({
  name: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,31}$/, 'a variant has a name such as candidate')),
  plan: planHash,
  percent: z.number().check(z.gte(0), z.lte(100)),
})

/** The last variant takes all buckets that the others leave. */
export const RolloutSchema = z.object({
  format: z.literal(1),
  service: z.string(),
  /** When it began, ISO 8601: what a shadow has said is kept under it. */
  started: z.iso.datetime(),
  variants: z.array(Variant).check(z.minLength(1)),
  /** Read and compared, but never answered; null: none. */
  shadow: z.nullable(planHash),
  /** What answered before; a way back. Null: there is none. */
  previous: z.nullable(planHash),
})

/** All rollouts of a store, by service: one document, replaced as a whole. */
export const RolloutConfigurationSchema = z.object({
  format: z.literal(1),
  rollouts: z.record(z.string(), RolloutSchema),
})

export type RolloutConfiguration = z.infer<typeof RolloutConfigurationSchema>
export const NO_ROLLOUTS: RolloutConfiguration = { format: 1, rollouts: {} }

export type Rollout = z.infer<typeof RolloutSchema>
export type Variant = z.infer<typeof Variant>

export const BUCKETS = 10_000

/** @param texts of the entity's join keys, as in its items' keys */
export function bucketOf(service: string, texts: readonly string[]): number {
  const digest = hash('sha256', [service, ...texts].join('|'), 'buffer')
  return digest.readUInt32BE(0) % BUCKETS
}

/** Which variant answers for a bucket: its place in the rollout. */
export function variantOf({ variants }: Pick<Rollout, 'variants'>, bucket: number): number {
  let end = 0
  const found = variants.findIndex(({ percent }) => {
    end += percent * (BUCKETS / 100)
    return bucket < end
  })
  return found === -1 ? variants.length - 1 : found
}

/** Does one plan answer for all, with none beside it? */
export const isSettled = ({ variants, shadow }: Rollout): boolean =>
  shadow === null && new Set(variants.map(({ plan }) => plan)).size === 1
