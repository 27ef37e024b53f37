/** The task AdvanceWatermark: advances a view's watermark. */
import { taskHandler } from './task-handler.ts'

export const handler = taskHandler('AdvanceWatermark')
