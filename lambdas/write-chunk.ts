/** The task WriteChunk: puts a chunk of them online. */
import { taskHandler } from './task-handler.ts'

export const handler = taskHandler('WriteChunk')
