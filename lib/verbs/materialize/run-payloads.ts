/** Schemas of the JSON payloads between the workflow's states. Each function parses its payload. */
import { z } from 'zod'

const micros = z.string().regex(/^-?\d+$/, 'microseconds since 1970, as digits')

/** The run, after the workflow's first state has completed its input. */
const run = z.object({
  views: z.array(z.string()),
  ingest: z.array(z.string()),
  from: micros.nullable(),
  to: micros.nullable(),
  execution: z.string(),
  startedAt: z.iso.datetime(),
})

const chunk = z.object({
  path: z.string(),
  from: z.number(),
  to: z.number(),
  anew: z.string().optional(),
})
const count = z.number().optional()
const writeReport = z.object({
  written: z.number(),
  kept: z.number(),
  tooLarge: count,
  unstorable: count,
  conflicts: count,
})
const chunkFailure = z.object({ error: z.object({ Error: z.string(), Cause: z.string().optional() }) })

export const viewPayload = z.object({ view: z.string(), run })
export const writePayload = z.object({ view: z.string(), chunk })
export const advancePayload = z.object({
  selected: z.object({
    view: z.string(),
    status: z.enum(['selected', 'skipped', 'current']),
    path: z.string().nullable(),
    rows: z.number(),
    chunks: z.array(chunk),
    watermark: z.object({ table: z.string(), sequence: z.number(), to: micros }).nullable(),
    written: z.array(z.union([writeReport, chunkFailure])),
  }),
})
export const reportPayload = z.object({ levels: z.array(z.array(z.unknown())), run })
