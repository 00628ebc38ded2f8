import sortedTree from 'sorted-btree'
import { LedgerError } from '../domain/ledger.ts'

const SortedTree = sortedTree.default

interface Waiter {
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** Callers that wait for the ledger to reach a sequence. They cost no timer and are forgotten when they leave. */
export class SequenceWaiters {
  /** By the sequence that they wait for, so that only those who are woken are looked at. */
  readonly #waiters = new SortedTree<number, Set<Waiter>>()
  #count = 0
  #reached = 0
  #closed = false

  get count(): number {
    return this.#count
  }

  /** Resolves once `advance` has come to `sequence`; rejects with the signal's reason, or when closed. */
  wait(sequence: number, signal?: AbortSignal): Promise<void> {
    if (this.#reached >= sequence) return Promise.resolve()
    if (this.#closed) return Promise.reject(closedError())
    if (signal?.aborted === true) return Promise.reject(asError(signal.reason))
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#remove(sequence, waiter)
        reject(asError(signal?.reason))
      }
      const waiter: Waiter = {
        resolve: () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        },
        reject: (reason) => {
          signal?.removeEventListener('abort', leave)
          reject(asError(reason))
        }
      }
      this.#add(sequence, waiter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  /** Wakes those who wait for this sequence or an earlier one. */
  advance(sequence: number): void {
    this.#reached = sequence
    for (const waiter of this.#takeUpTo(sequence)) waiter.resolve()
  }

  /** Rejects all who wait and all who come after. */
  close(): void {
    this.#closed = true
    for (const waiter of this.#takeUpTo(Infinity)) waiter.reject(closedError())
  }

  #add(sequence: number, waiter: Waiter): void {
    const waiters = this.#waiters.get(sequence)
    if (waiters === undefined) this.#waiters.set(sequence, new Set([waiter]))
    else waiters.add(waiter)
    this.#count += 1
  }

  #remove(sequence: number, waiter: Waiter): void {
    const waiters = this.#waiters.get(sequence)
    if (waiters?.delete(waiter) !== true) return
    this.#count -= 1
    if (waiters.size === 0) this.#waiters.delete(sequence)
  }

  #takeUpTo(sequence: number): Waiter[] {
    const taken: Waiter[] = []
    for (let next = this.#waiters.minKey(); next !== undefined && next <= sequence;) {
      for (const waiter of this.#waiters.get(next) ?? []) taken.push(waiter)
      this.#waiters.delete(next)
      next = this.#waiters.minKey()
    }
    this.#count -= taken.length
    return taken
  }
}

function closedError(): LedgerError {
  return new LedgerError('closed', 'the ledger is closed')
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new LedgerError('closed', 'the wait was ended')
}
