/**
 * The steps of a unit on its way through a ledger: it waits for its turn, its key is looked up, it is decided, and it is
 * made durable together with all that were decided with it, by an append and a sync.
 */
export type UnitStep = 'queue' | 'idempotency' | 'decide' | 'commit' | 'append' | 'sync'

/** What is known of a step beside its time; `failed` where it did not come to its end. */
export type StepFacts = Readonly<Record<string, number | boolean>>

/** Told where the time of one unit goes. It has to be quick, and must not throw. */
export interface UnitTrace {
  /** A step that is over, from when to when in the milliseconds of `performance.now()`; its own steps are told to what it gives. */
  took(step: UnitStep, from: number, to: number, facts?: StepFacts): UnitTrace
}
