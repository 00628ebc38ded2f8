import type { Ledger } from '../../domain/ledger.ts'
import type { Synchronization } from '../../domain/synchronization.ts'
import type { Read, WatchedFigure } from './watched-figures.ts'

export interface SyncFigureSources {
  readonly sync: () => Pick<Synchronization, 'health'>
  readonly ledger: () => Pick<Ledger, 'health' | 'read'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** How far the central model is behind the ledger. Every process of a ledger sees the same, so they are not added up. */
export function watchSync(
  watch: (figure: WatchedFigure, read: Read) => void,
  prefix: string,
  { sync, ledger, now }: SyncFigureSources
): void {
  const aggregator = 'max'
  watch(
    { name: `${prefix}sync_lag_events`, help: 'Events that the central model does not have yet', aggregator },
    async () => [[{}, (await sync().health()).lag]]
  )
  watch(
    {
      name: `${prefix}sync_lag_seconds`,
      help: 'How long the oldest event waits that the central model does not have',
      aggregator
    },
    async () => {
      const { lag } = await sync().health()
      return [[{}, lag === 0 ? 0 : await ageOf(ledger(), ledger().health().sequence - lag + 1, now())]]
    }
  )
  watch({ name: `${prefix}dead_letters`, help: 'Events that are put aside now', aggregator }, async () => [
    [{}, (await sync().health()).deadLetters]
  ])
}

/** Seconds since an event was decided; of one that retention has removed, of the oldest that is kept. */
async function ageOf(
  ledger: Pick<Ledger, 'health' | 'read'>,
  sequence: number,
  now: number
): Promise<number> {
  const { oldestSequence } = ledger.health()
  const [event] = await ledger.read(Math.max(sequence, oldestSequence), 1)
  return event === undefined ? 0 : Math.max(0, now - event.at) / 1000
}
