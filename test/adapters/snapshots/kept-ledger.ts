// Runs of a ledger that keeps itself short, and its events as an auditor wants them who has seen those that are gone.
import assert from 'node:assert/strict'
import type { FileSystem } from '../../../adapters/file-system/file-system.ts'
import type { WalLedger } from '../../../adapters/wal/wal-ledger.ts'
import type {
  HistoryPage,
  HistoryQuery,
  Ledger,
  LedgerFigures,
  LedgerHealth,
  ListQuery,
  RecordPage
} from '../../../domain/ledger.ts'
import type { RecordView } from '../../../domain/record.ts'
import type { DueRecord } from '../../../domain/reservation-index.ts'
import type {
  ReservationPage,
  ReservationQuery,
  ReservationReading
} from '../../../domain/reservation-pages.ts'
import type { Outcome, SequencedEvent, Unit } from '../../../domain/unit.ts'
import { ask, openOn, type Asked, type Settings } from '../wal-faults/machine.ts'
import { workload, type Action } from '../wal-faults/workload.ts'

export type Step =
  Action | { readonly kind: 'snapshot' } | { readonly kind: 'retain'; readonly eventCount: number }

const everything = 1_000_000

/** Work with snapshots in between, and retention that keeps but a few events. */
export function keptWorkload(seed: number, rounds: number): Step[] {
  const actions = workload({ seed, steps: rounds * 3 })
  return actions.flatMap((action, index): Step[] => {
    if (index % 3 !== 2) return [action]
    const retain = { kind: 'retain', eventCount: 1 + (index % 9) } as const
    return index % 2 === 0 ? [action, { kind: 'snapshot' }, retain] : [action, retain, { kind: 'snapshot' }]
  })
}

export interface KeptRun {
  readonly asked: Asked[]
  /** All events that were seen before some of them were removed. */
  readonly past: SequencedEvent[]
  readonly ledger?: WalLedger
  readonly error?: unknown
}

/** Carries out the steps on a ledger of its own. Rejects never: where something dies, that is how the run ends. */
export async function runKept(
  fileSystem: FileSystem,
  steps: readonly Step[],
  settings?: Settings
): Promise<KeptRun> {
  const asked: Asked[] = []
  const past: SequencedEvent[] = []
  let ledger: WalLedger | undefined
  try {
    ledger = await openOn(fileSystem, settings)
    for (const step of steps) {
      if (step.kind === 'ask') asked.push(...(await ask(ledger, step.units)))
      else if (step.kind === 'snapshot') await ledger.writeSnapshot()
      else if (step.kind === 'retain') {
        await rememberEvents(ledger, past)
        await ledger.retain(step.eventCount, ledger.health().sequence)
      }
      if (ledger.health().status !== 'open') break
    }
    return { asked, past, ledger }
  } catch (error) {
    return ledger === undefined ? { asked, past, error } : { asked, past, ledger, error }
  }
}

/** Adds what the ledger still has to what was seen before. */
export async function rememberEvents(ledger: Ledger, past: SequencedEvent[]): Promise<void> {
  const seen = past.length
  for (const event of await ledger.read(Math.max(seen + 1, ledger.health().oldestSequence), everything)) {
    past.push(event)
  }
  assert.deepEqual(
    past.slice(seen).map(({ sequence }) => sequence),
    past.slice(seen).map((_, index) => seen + index + 1)
  )
}

/** A ledger with the events that it no longer has; that it says so, and shows none of them, is asserted. */
export class LedgerWithPast implements Ledger {
  readonly #ledger: Ledger
  readonly #past: readonly SequencedEvent[]

  constructor(ledger: Ledger, past: readonly SequencedEvent[]) {
    this.#ledger = ledger
    const { oldestSequence } = ledger.health()
    this.#past = past.filter(({ sequence }) => sequence < oldestSequence)
    assert.equal(this.#past.length, oldestSequence - 1, 'what is removed was seen before')
  }

  async read(fromSequence: number, limit: number): Promise<readonly SequencedEvent[]> {
    const { oldestSequence } = this.#ledger.health()
    if (oldestSequence > 1) {
      await assert.rejects(this.#ledger.read(oldestSequence - 1, limit), { code: 'gone', oldestSequence })
    }
    const gone = this.#past.filter(({ sequence }) => sequence >= fromSequence)
    return [...gone, ...(await this.#ledger.read(Math.max(fromSequence, oldestSequence), limit))]
  }

  readPrintable(fromSequence: number, limit: number): Promise<readonly SequencedEvent[]> {
    return this.read(fromSequence, limit)
  }

  async history(query: HistoryQuery): Promise<HistoryPage | undefined> {
    const page = await this.#ledger.history(query)
    const { oldestSequence } = this.#ledger.health()
    if (page === undefined) return undefined
    assert.ok(page.events.every(({ sequence }) => sequence >= oldestSequence))
    const gone = this.#past.filter(({ event }) => event.storeId === query.storeId && event.sku === query.sku)
    return { events: [...page.events, ...gone.toReversed()], hasMore: page.hasMore }
  }

  execute(unit: Unit): Promise<Outcome> {
    return this.#ledger.execute(unit)
  }

  get(storeId: string, sku: string, at: number): Promise<RecordView | undefined> {
    return this.#ledger.get(storeId, sku, at)
  }

  list(query: ListQuery, at: number): Promise<RecordPage> {
    return this.#ledger.list(query, at)
  }

  reservation(storeId: string, sku: string, id: string, at: number): Promise<ReservationReading | undefined> {
    return this.#ledger.reservation(storeId, sku, id, at)
  }

  reservations(query: ReservationQuery, at: number): Promise<ReservationPage | undefined> {
    return this.#ledger.reservations(query, at)
  }

  due(at: number, limit: number): Promise<readonly DueRecord[]> {
    return this.#ledger.due(at, limit)
  }

  waitFor(sequence: number, signal?: AbortSignal): Promise<void> {
    return this.#ledger.waitFor(sequence, signal)
  }

  health(): LedgerHealth {
    return this.#ledger.health()
  }

  figures(): LedgerFigures {
    return this.#ledger.figures()
  }

  close(): Promise<void> {
    return this.#ledger.close()
  }
}
