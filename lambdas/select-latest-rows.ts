/** The task SelectLatestRows: chooses the rows of a view that go online. */
import { taskHandler } from './task-handler.ts'

export const handler = taskHandler('SelectLatestRows')
