/** Pushed rows in the store's folder, a file for each view and call: what a delivery stream does in the cloud. */
import { randomUUID } from 'node:crypto'
import type { ObjectStore, PushedRows } from '../runtime.ts'

export const folderPushedRows = (objects: ObjectStore): PushedRows => ({
  lay: async rows => {
    const byView = Object.groupBy(rows, ({ view }) => view.key)
    for (const [view, list = []] of Object.entries(byView)) {
      const lines = list.map(({ line }) => `${line}\n`).join('')
      await objects.writeText(objects.path('pushed', view, `${randomUUID()}.jsonl`), lines)
    }
  },
})
