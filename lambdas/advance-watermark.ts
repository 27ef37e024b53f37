/** The task AdvanceWatermark: says how far a view is online. */
import { taskHandler } from './task-handler.ts'

export const handler = taskHandler('AdvanceWatermark')
