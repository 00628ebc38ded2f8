import { SnapshotPolicy } from '../wal/snapshot/snapshot-policy.ts'
import type { WalLedger } from '../wal/wal-ledger.ts'
import type { Chore } from './sync-pass.ts'

export interface LogUpkeepOptions {
  readonly ledger: Pick<WalLedger, 'health' | 'recordCount' | 'newestSnapshot' | 'writeSnapshot' | 'retain'>
  /** So many events after a snapshot the next one may be written, where that is worth it. */
  readonly snapshotEveryEvents: number
  /** How many of the newest events are kept at least; all where it is left out. */
  readonly eventRetention: number | undefined
  readonly onSnapshot: (facts: { readonly sequence: number; readonly durationMs: number }) => void
  readonly onRemoved: (facts: { readonly oldestSequence: number; readonly segments: number }) => void
}

interface Written {
  readonly at: number
  readonly durationMs: number
}

/** Writes a snapshot of the ledger when one is due, and removes the part of the log that nobody needs any more. */
export function logUpkeep(options: LogUpkeepOptions): Chore {
  const { ledger, eventRetention, onSnapshot, onRemoved } = options
  const policy = new SnapshotPolicy(options.snapshotEveryEvents)
  let snapshotSequence: number | undefined
  let written: Written | undefined
  let checkpointBefore = -1

  const isDue = (newest: number): boolean => {
    const { sequence } = ledger.health()
    const { recordCount } = ledger
    const situation = { sequence, recordCount, snapshotSequence: newest }
    if (written === undefined) return policy.isDue(situation)
    const sinceLastMs = performance.now() - written.at
    return policy.isDue({ ...situation, sinceLastMs, lastDurationMs: written.durationMs })
  }

  return async ({ right, checkpoint }) => {
    snapshotSequence ??= await ledger.newestSnapshot()
    // Another process may have written one meanwhile.
    if (isDue(snapshotSequence)) snapshotSequence = await ledger.newestSnapshot()
    const isWanted = isDue(snapshotSequence)
    if (isWanted) {
      await right.requireHeld()
      const { sequence, durationMs } = await ledger.writeSnapshot()
      snapshotSequence = sequence
      written = { at: performance.now(), durationMs }
      onSnapshot({ sequence, durationMs })
    }
    if (!isWanted && checkpoint === checkpointBefore) return
    checkpointBefore = checkpoint
    const { removed, oldestSequence } = await ledger.retain(eventRetention, checkpoint)
    if (removed.length > 0) onRemoved({ oldestSequence, segments: removed.length })
  }
}
