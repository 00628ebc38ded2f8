import { join } from 'node:path'

const built = join(import.meta.dirname, '..', '..', 'dist')

/** The service as it is built before the tests run. */
export const serverProgram = join(built, 'server.js')

/** The command line, likewise. */
export const commandLineProgram = join(built, 'adapters', 'command-line', 'bincard.js')
