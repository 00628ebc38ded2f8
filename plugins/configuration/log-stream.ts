import { pino } from 'pino'

/** What the lines of a log are written to. */
export interface LogStream {
  write(line: string): void
  /** Writes at once what waits for the end of the turn. */
  flushSync(): void
}

/**
 * Writes the lines of one turn of the event loop together at its end, since many requests are answered in one turn and a
 * write for each would cost as much as all else about its line. Lines at `fatal`, and what waits at an exit, are written at
 * once; only a process that is killed loses the lines of its last turn.
 */
export function logStream(fileDescriptor = 1): LogStream {
  const destination = pino.destination({ fd: fileDescriptor, sync: true })
  let waiting = ''
  const flush = (): void => {
    if (waiting === '') return
    const lines = waiting
    waiting = ''
    destination.write(lines)
  }
  process.once('exit', flush)
  return {
    write: (line) => {
      if (waiting === '') setImmediate(flush)
      waiting += line
    },
    flushSync: flush
  }
}
