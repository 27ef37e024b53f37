/** `npm run figures`: prints the figures as JSON, in the form of figures.json. */
import { figures } from './figures.ts'

process.stdout.write(`${JSON.stringify(figures(), null, 2)}\n`)
