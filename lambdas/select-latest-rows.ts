/** The task SelectLatestRows: selects the rows of a view to materialize. */
import { taskHandler } from './task-handler.ts'

export const handler = taskHandler('SelectLatestRows')
