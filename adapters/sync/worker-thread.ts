import { parentPort, workerData } from 'node:worker_threads'
import { openSyncWorker, type SyncLog, type SyncWorker, type SyncWorkerSettings } from './sync-worker.ts'
import { messageOf } from './sync-pass.ts'
import { lowerThreadPriority } from './thread-priority.ts'
import type { Call, FromWorker } from './worker-messages.ts'

const STATE_INTERVAL_MS = 1000

/** The sync worker in a thread of its own: it does what it is asked by messages until it is asked to close. */
async function work(port: NonNullable<typeof parentPort>): Promise<void> {
  const post = (message: FromWorker): void => port.postMessage(message)
  const begun: { worker?: SyncWorker } = {}
  let isStateDue = false
  const sayState = async (): Promise<void> => {
    isStateDue = false
    if (begun.worker === undefined) return
    const { synchronizer } = begun.worker
    const { status, deadLetters } = await synchronizer.health()
    post({ kind: 'state', state: { status, deadLetters, sequence: synchronizer.sequence } })
  }
  const sayStateSoon = (): void => {
    if (isStateDue) return
    isStateDue = true
    // What cannot be said now is said the next time.
    setImmediate(() => void sayState().catch(() => undefined))
  }
  const log: SyncLog = (level, message, facts = {}) => post({ kind: 'log', level, message, facts })
  const settings = workerData as SyncWorkerSettings
  const opened = await openSyncWorker(settings, log, {
    onChange: sayStateSoon,
    observer: {
      passMade: () => post({ kind: 'observed', what: 'pass' }),
      deadLettered: () => post({ kind: 'observed', what: 'dead letter' }),
      snapshotWritten: (durationMs) => post({ kind: 'observed', what: 'snapshot', durationMs }),
      ...(settings.isTimed === true && {
        passTimed: (pass) => post({ kind: 'observed', what: 'timed pass', pass })
      })
    },
    // The thread dies of it, and is started again.
    onLost: (error) => setImmediate(() => void Promise.reject(error))
  })
  begun.worker = opened
  sayStateSoon()
  const beat = setInterval(sayStateSoon, STATE_INTERVAL_MS)

  port.on('message', ({ id, method, args }: Call) => {
    const call = method === 'close' ? opened.close() : invoke(opened.synchronizer, method, args)
    call.then(
      (value) => {
        post({ kind: 'answer', id, value })
        if (method !== 'close') return
        clearInterval(beat)
        port.close()
      },
      (error: unknown) => {
        const { name, code } = error as { readonly name: string; readonly code: unknown }
        post({ kind: 'error', id, name, code, message: messageOf(error) })
      }
    )
  })
}

async function invoke(target: object, method: string, args: readonly unknown[]): Promise<unknown> {
  const found = (target as Record<string, (...given: readonly unknown[]) => Promise<unknown>>)[method]
  if (found === undefined) throw new TypeError(`there is no ${method}`)
  return await found.apply(target, [...args])
}

if (parentPort !== null) {
  lowerThreadPriority()
  await work(parentPort)
}
