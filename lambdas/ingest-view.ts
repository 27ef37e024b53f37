/** The task IngestView: ingests a view's new rows into the offline store. */
import { taskHandler } from './task-handler.ts'

export const handler = taskHandler('IngestView')
