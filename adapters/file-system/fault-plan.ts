import type { FileSystem, OpenFile } from './file-system.ts'
import { systemError } from './system-error.ts'

export type Operation = keyof FileSystem | keyof OpenFile

/** Which call a fault is for: the n-th, counted from 1, of one operation or, without one, of all calls. */
interface Place {
  nth: number
  operation?: Operation
}

/** The call is not carried out and rejects with the errno code; `close` alone still lets go of the file. */
export interface Fail extends Place {
  kind: 'fail'
  code: string
  /** How many calls in a row fail, 1 by default; Infinity for a disk that stays broken. */
  times?: number
}

/**
 * The n-th append writes only its first `bytes` bytes. Without a code it resolves to the short count (and
 * nothing fires where the append is no longer than that), with a code it rejects after writing.
 */
export interface Tear {
  kind: 'tear'
  nth: number
  bytes: number
  code?: string
}

/** The process dies at the call: it and every later one rejects with ECRASHED, and so do those under way. */
export interface Crash extends Place {
  kind: 'crash'
  /** Whether the call itself still takes effect. */
  carriedOut: boolean
  /** Of an append or writeAt that is carried out, only so many bytes. */
  bytes?: number
}

export type Fault = Fail | Tear | Crash

/** One call on its way to the inner file system. */
export interface Call<Value> {
  operation: Operation
  path: string
  /** With a limit, a write writes no more bytes than that. */
  carryOut(limit?: number): Promise<Value>
  /** Bytes that a write was asked to write. */
  length?: number
  /** What a failing call does in place of `carryOut`. */
  whenFailing?(code: string): Promise<unknown>
}

/** Counts calls and makes them fail by plan. Where several faults are for one call the first one counts. */
export class FaultInjector {
  plan: readonly Fault[]
  readonly log: Operation[] = []
  surfaced = 0
  crashed = false
  readonly #counts = new Map<Operation, number>()
  readonly #whenDead: () => Promise<void>

  /** `whenDead` is called once, after the call at which the process dies, and never rejects. */
  constructor(plan: readonly Fault[], whenDead: () => Promise<void>) {
    this.plan = plan
    this.#whenDead = whenDead
  }

  async run<Value>(call: Call<Value>): Promise<Value> {
    const fault = this.#faultFor(call)
    this.#expectAlive(call)
    if (!fault) return this.#answer(call, call.carryOut())
    this.surfaced += 1
    switch (fault.kind) {
      case 'fail':
        await call.whenFailing?.(fault.code)
        throw systemError(fault.code, call.operation, call.path)
      case 'tear': {
        const written = await this.#answer(call, call.carryOut(fault.bytes))
        if (fault.code !== undefined) throw systemError(fault.code, call.operation, call.path)
        return written
      }
      case 'crash':
        this.crashed = true
        // The dead do not hear of errors.
        if (fault.carriedOut) await call.carryOut(fault.bytes).catch(() => undefined)
        await this.#whenDead()
        throw systemError('ECRASHED', call.operation, call.path)
    }
  }

  /** As `run`, for a call that is synchronous. */
  runNow<Value>(operation: Operation, path: string, carryOut: () => Value): Value {
    const fault = this.#faultFor({ operation, path })
    this.#expectAlive({ operation, path })
    if (!fault) return carryOut()
    this.surfaced += 1
    if (fault.kind === 'fail') throw systemError(fault.code, operation, path)
    this.crashed = true
    void this.#whenDead()
    throw systemError('ECRASHED', operation, path)
  }

  #expectAlive({ operation, path }: Pick<Call<unknown>, 'operation' | 'path'>): void {
    if (this.crashed) throw systemError('ECRASHED', operation, path)
  }

  /** A process that died while the call was under way gets no answer, neither a value nor an error. */
  #answer<Value>(call: Call<Value>, answer: Promise<Value>): Promise<Value> {
    return answer.finally(() => this.#expectAlive(call))
  }

  #faultFor({
    operation,
    length = 0
  }: Pick<Call<unknown>, 'operation' | 'path' | 'length'>): Fault | undefined {
    this.log.push(operation)
    const ofOperation = (this.#counts.get(operation) ?? 0) + 1
    this.#counts.set(operation, ofOperation)
    return this.plan.find((fault) => {
      if (fault.kind === 'tear') {
        const tears = fault.code !== undefined || fault.bytes < length
        return operation === 'append' && fault.nth === ofOperation && tears
      }
      if (fault.operation !== undefined && fault.operation !== operation) return false
      const behind = (fault.operation === undefined ? this.log.length : ofOperation) - fault.nth
      return behind >= 0 && behind < (fault.kind === 'fail' ? (fault.times ?? 1) : 1)
    })
  }
}
