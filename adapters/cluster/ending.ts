import closeWithGrace from 'close-with-grace'
import type { ClusterMember } from './member.ts'

interface EndingLog {
  error(message: string): void
  error(facts: object, message: string): void
  fatal(facts: object, message: string): void
}

const endSignals: ('SIGINT' | 'SIGTERM')[] = ['SIGINT', 'SIGTERM']

/**
 * A process that has crashed must die of it. With a listener for them it goes on with the instruction that failed, and fails
 * again, without end (signal(7)).
 */
const crashSignals: closeWithGrace.Signals[] = ['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGTRAP']

export interface Ending {
  readonly shutdownTimeoutMs: number
  readonly logger: EndingLog
  /** What this process is in a cluster: then it is the primary that says when to end. */
  readonly member?: ClusterMember | undefined
  /** Called before the process is ended without having been closed. */
  readonly onExit?: () => void
}

/**
 * Closes at a signal or when the primary asks for it; a second signal, or closing that takes too long, ends the process
 * with exit code 1. What it returns closes as well: with a line that says why, and exit code 1.
 */
export function closeInTheEnd(
  close: () => Promise<void>,
  { shutdownTimeoutMs: delay, logger, member, onExit = () => undefined }: Ending
): (reason: string) => void {
  // All processes of a cluster may get the signal (Ctrl-C, a service manager), before or after the primary asks them to
  // end, and the second one is for the primary. The sync worker ends after the servers, whoever else gets a signal.
  const left = member === undefined ? [] : endSignals
  for (const signal of left) process.on(signal, () => member?.kind === 'server' && begin())
  let isClosing = false
  let failure: string | undefined
  const closing = closeWithGrace(
    {
      delay,
      skip: [...crashSignals, ...left],
      logger: false,
      onSecondSignal: (signal) => {
        logger.error(`second ${signal}, ends at once`)
        onExit()
      },
      onTimeout: () => {
        logger.error(`did not end in ${delay} ms, ends at once`)
        onExit()
      }
    },
    async ({ err }) => {
      isClosing = true
      if (err !== undefined) logger.fatal({ err }, 'ends on an error that nothing caught')
      await close().catch((error: unknown) => {
        logger.error({ err: error }, 'did not close as it should')
        throw error
      })
      if (failure !== undefined) throw new Error(failure)
    }
  )
  const begin = (): void => {
    if (!isClosing) void closing.close()
  }
  member?.onShutdown(begin)
  return (reason) => {
    if (isClosing) return
    process.stderr.write(`Bincard ends: ${reason.replaceAll(/\s*\n\s*/g, ' ')}\n`)
    failure = reason
    begin()
  }
}
