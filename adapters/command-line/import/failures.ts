/** The command was called wrongly: nothing was read or sent, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The import cannot go on: what was answered so far is kept, exit code 1. */
export class ImportFailure extends Error {
  override readonly name = 'ImportFailure'
}

/** The import was asked to stop while it waited to send again. */
export class ImportStopped extends Error {
  override readonly name = 'ImportStopped'
}

/** A one-line reason for anything thrown, system errors included. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
