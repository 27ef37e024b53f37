/** Where each part stands. A part without a place is an error: the picture would be silent about it. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const SIZE = { width: 1240, height: 770 }

const box = (x: number, y: number, width = 140, height = 46): Place => ({ x, y, width, height })

/** What is outside of the account. */
export const ACTORS: Readonly<Record<string, { readonly place: Place; readonly to: string }>> = {
  models: { place: box(20, 110, 96, 46), to: 'api' },
  producers: { place: box(20, 262, 96, 46), to: 'stream' },
  analysts: { place: box(20, 532, 96, 46), to: 'athena' },
}

/** A stack by its part, and the panel that it is drawn as. */
export const PANELS: Readonly<Record<string, Place>> = {
  serving: box(150, 60, 310, 240),
  push: box(150, 320, 310, 180),
  online: box(520, 60, 250, 280),
  offline: box(520, 380, 250, 280),
  materialization: box(830, 60, 390, 600),
  monitoring: box(150, 690, 1070, 56),
}

export const PLACES: Readonly<Record<string, Place>> = {
  api: box(166, 110, 110),
  'get-online-features': box(306, 110),
  book: box(306, 172),
  dax: box(166, 172, 110),
  'push-events': box(306, 240),
  'push-rows': box(306, 366),
  firehose: box(306, 434),
  'letters-push': box(166, 366, 110),
  'events-push': box(166, 434, 110),
  table: box(550, 110, 190),
  secret: box(550, 182, 190),
  stream: box(550, 262, 190),
  bucket: box(550, 430, 190),
  athena: box(550, 532, 190),
  glue: box(550, 600, 90),
  key: box(650, 600, 90),
  'ingest-view': box(850, 130, 150),
  'select-latest-rows': box(850, 202, 150),
  'write-chunk': box(850, 274, 150),
  'advance-watermark': box(850, 346, 150),
  'report-run': box(850, 418, 150),
  'prepare-store': box(850, 580, 150),
  'schedules-materialization': box(1064, 130),
  'events-materialization': box(1064, 418),
  workflow: box(1064, 274),
  'letters-materialization': box(1064, 580),
}
