/** The task WriteChunk: writes a chunk of the selected rows online. */
import { taskHandler } from './task-handler.ts'

export const handler = taskHandler('WriteChunk')
