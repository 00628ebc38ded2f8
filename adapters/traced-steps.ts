import type { Draft, Proposal } from '../domain/draft.ts'
import type { StepFacts, UnitTrace } from '../domain/unit-trace.ts'
import type { Unit } from '../domain/unit.ts'

/** How a batch was made durable; times in the milliseconds of `performance.now()`. */
export interface CommitTimes {
  readonly from: number
  /** When its frames were in the file; undefined where they never were. */
  readonly landedAt: number | undefined
  readonly to: number
  readonly units: number
  readonly bytes: number
}

/** Decides a unit, and tells its trace how long it has waited since `queuedAt` and what its key and the decision took. */
export function proposeTraced(
  trace: UnitTrace,
  draft: Draft,
  unit: Unit,
  unitId: string,
  queuedAt: number
): Proposal {
  const from = performance.now()
  let keyFoundAt = from
  const proposal = draft.propose(unit, unitId, () => (keyFoundAt = performance.now()))
  const to = performance.now()
  const { outcome } = proposal
  const isReplay = outcome.kind === 'key_conflict' || outcome.replayed
  trace.took('queue', queuedAt, from)
  if (unit.identity !== undefined) trace.took('idempotency', from, keyFoundAt, { hit: isReplay })
  // A replay is not decided again.
  if (!isReplay) trace.took('decide', keyFoundAt, to, { lines: unit.lines.length })
  return proposal
}

/** Tells a unit's trace of the commit that it waited for, which it shares with all of its batch. */
export function tellCommit(
  trace: UnitTrace,
  { from, landedAt, to, units, bytes }: CommitTimes,
  verdict?: StepFacts
): void {
  const commit = trace.took('commit', from, to, { units, bytes, ...verdict })
  commit.took('append', from, landedAt ?? to, landedAt === undefined ? verdict : undefined)
  if (landedAt !== undefined)
    commit.took('sync', landedAt, to, verdict?.['failed'] === true ? verdict : undefined)
}
