/** What passes between the workflow's states: plain JSON, parsed at each function's door. */
import { z } from 'zod'

const micros = z.string().regex(/^-?\d+$/, 'microseconds since 1970, as digits')

export const runInput = z.object({
  views: z.array(z.string()),
  from: micros.nullable(),
  to: micros,
})

const chunk = z.object({ path: z.string(), from: z.number(), to: z.number() })
const writeReport = z.object({ written: z.number(), kept: z.number() })

export const selectPayload = z.object({ view: z.string(), run: runInput })
export const writePayload = z.object({ view: z.string(), chunk })
export const advancePayload = z.object({
  selected: z.object({
    view: z.string(),
    status: z.enum(['selected', 'skipped', 'current']),
    path: z.string().nullable(),
    rows: z.number(),
    chunks: z.array(chunk),
    watermark: z.object({ table: z.string(), sequence: z.number(), to: micros }).nullable(),
    written: z.array(writeReport),
  }),
})
export const reportPayload = z.object({ run: z.record(z.string(), z.unknown()) })
