import type { Synchronization, SyncHealth, TimedPass } from '../../domain/synchronization.ts'

/** What a worker thread is asked to do: a method of its synchronization. */
export type Method = Exclude<keyof Synchronization, 'health'>

export interface Call {
  readonly id: number
  readonly method: Method
  readonly args: readonly unknown[]
}

/** How the worker is, said whenever it changes and once a second. */
export interface WorkerState {
  readonly status: SyncHealth['status']
  readonly sequence: number
  readonly deadLetters: number
}

export type FromWorker =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | {
      readonly kind: 'error'
      readonly id: number
      readonly name: string
      readonly code: unknown
      readonly message: string
    }
  | { readonly kind: 'state'; readonly state: WorkerState }
  | { readonly kind: 'observed'; readonly what: 'pass' | 'dead letter' }
  | { readonly kind: 'observed'; readonly what: 'snapshot'; readonly durationMs: number }
  | { readonly kind: 'observed'; readonly what: 'timed pass'; readonly pass: TimedPass }
  | {
      readonly kind: 'log'
      readonly level: 'info' | 'warn' | 'error'
      readonly message: string
      readonly facts: object
    }
