import type { Ledger, LedgerFigures, LedgerHealth } from '../../domain/ledger.ts'
import type { Read, WatchedFigure } from './watched-figures.ts'

export interface LedgerFigureSources {
  readonly ledger: () => Pick<Ledger, 'health' | 'figures'>
  /** How many wait for events. */
  readonly followers: () => number
}

type Watch = (figure: WatchedFigure, read: Read) => void

/** What is seen of the ledger and of those who follow it. */
export function watchLedger(watch: Watch, prefix: string, sources: LedgerFigureSources): void {
  const { ledger, followers } = sources
  watchProcess(watch, prefix, ledger)
  watchShared(watch, prefix, ledger)
  watch({ name: `${prefix}feed_followers`, help: 'How many wait for events, streams among them' }, () => [
    [{}, followers()]
  ])
}

/** What each process has of its own, to be added up. */
function watchProcess(watch: Watch, prefix: string, ledger: LedgerFigureSources['ledger']): void {
  const health = (name: string, help: string, read: (health: LedgerHealth) => number): void =>
    watch({ name: `${prefix}${name}`, help }, () => [[{}, read(ledger().health())]])
  health('worker_queue_size', 'Writes that wait for their turn', ({ queueDepth }) => queueDepth)
  health('worker_active_count', 'Server processes whose ledger takes writes', ({ status }) =>
    status === 'open' ? 1 : 0
  )
}

/** What every process on a ledger sees alike, so that it must not be added up. */
function watchShared(watch: Watch, prefix: string, ledger: LedgerFigureSources['ledger']): void {
  const aggregator = 'max'
  const health = (name: string, help: string, read: (health: LedgerHealth) => number): void =>
    watch({ name: `${prefix}${name}`, help, aggregator }, () => [[{}, read(ledger().health())]])
  const figure = (name: string, help: string, read: (figures: LedgerFigures) => number): void =>
    watch({ name: `${prefix}${name}`, help, aggregator }, () => [[{}, read(ledger().figures())]])

  health(
    'events_queue_size',
    'Events that the feed keeps',
    ({ sequence, oldestSequence }) => sequence - oldestSequence + 1
  )
  health('ledger_sequence', 'Offset of the newest event', ({ sequence }) => sequence)
  health(
    'void_units',
    'Units in the log that took no effect, as another process was before them',
    (state) => state.voidUnits
  )
  health(
    'torn_frames',
    'Parts of the log that were skipped as torn and never acknowledged',
    (state) => state.tornFrames
  )
  figure('records', 'Records of the ledger', ({ records }) => records)
  figure(
    'reservations_open',
    'Reservations that no event has ended; the time of some may have passed',
    ({ openReservations }) => openReservations
  )
  figure(
    'idempotency_keys',
    'Idempotency keys whose answers are held',
    ({ rememberedKeys }) => rememberedKeys
  )
}
