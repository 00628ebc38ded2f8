import { LedgerError } from '../domain/ledger.ts'

interface Waiter {
  readonly sequence: number
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** Callers that wait for the ledger to reach a sequence. They cost no timer and are forgotten when they leave. */
export class SequenceWaiters {
  readonly #waiters = new Set<Waiter>()
  #reached = 0
  #closed = false

  get count(): number {
    return this.#waiters.size
  }

  /** Resolves once `advance` has come to `sequence`; rejects with the signal's reason, or when closed. */
  wait(sequence: number, signal?: AbortSignal): Promise<void> {
    if (this.#reached >= sequence) return Promise.resolve()
    if (this.#closed) return Promise.reject(closedError())
    if (signal?.aborted === true) return Promise.reject(asError(signal.reason))
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter)
        reject(asError(signal?.reason))
      }
      const waiter: Waiter = {
        sequence,
        resolve: () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        },
        reject: (reason) => {
          signal?.removeEventListener('abort', leave)
          reject(asError(reason))
        }
      }
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  /** Wakes those who wait for this sequence or an earlier one. */
  advance(sequence: number): void {
    this.#reached = sequence
    for (const waiter of this.#waiters) {
      if (waiter.sequence > sequence) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  /** Rejects all who wait and all who come after. */
  close(): void {
    this.#closed = true
    for (const waiter of this.#waiters) waiter.reject(closedError())
    this.#waiters.clear()
  }
}

function closedError(): LedgerError {
  return new LedgerError('closed', 'the ledger is closed')
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new LedgerError('closed', 'the wait was ended')
}
