import type { StockEvent } from '../../plugins/schemas/history.ts'
import { nameOf, type Effect, type Target } from './asked.ts'
import { RecordHistory } from './record-history.ts'

/** What was asked for under one name, and which of its events have come. */
export interface KnownEffect {
  readonly effect: Effect
  /** The step at which it was first asked for. */
  readonly askedAt: number
  readonly events: StockEvent[]
  /** Whether its answer has been compared with them: no more can come. */
  isSettled: boolean
}

/** All events as everybody who follows the feed is told of them: the same ones, in one order, each as it was asked for. */
export class FeedAccount {
  readonly faults: string[] = []
  /** Events of reservations that came to their end. */
  expired = 0
  readonly #effects: ReadonlyMap<string, KnownEffect>
  readonly #records = new Map<string, RecordHistory>()
  readonly #texts: string[] = []

  constructor(effects: ReadonlyMap<string, KnownEffect>) {
    this.#effects = effects
  }

  /** The number of events that are known. */
  get count(): number {
    return this.#texts.length
  }

  get records(): readonly RecordHistory[] {
    return [...this.#records.values()]
  }

  record(target: Target): RecordHistory {
    const name = nameOf(target)
    const known = this.#records.get(name) ?? new RecordHistory(target)
    this.#records.set(name, known)
    return known
  }

  /** Somebody was told of this event at this offset, having been told of all before it. */
  take(offset: number, event: StockEvent): void {
    const text = JSON.stringify(event)
    const known = this.#texts[offset - 1]
    if (known !== undefined) {
      if (known !== text) this.faults.push(`event ${offset} was ${known} and then ${text}`)
      return
    }
    if (event.offset !== offset || offset !== this.#texts.length + 1) {
      this.faults.push(`event ${event.offset} was told where event ${offset} belongs`)
      return
    }
    this.#texts.push(text)
    this.#book(event)
  }

  #book(event: StockEvent): void {
    const { data, offset } = event
    const target = { storeId: data.storeId ?? event.storeId, sku: event.productId }
    if (data.type === 'expired') this.expired += 1
    const name = data.idempotencyKey ?? data.reference ?? ''
    const known = this.#effects.get(name)
    if (known === undefined && data.type !== 'expired') {
      this.faults.push(`event ${offset} is of ${name}, which nobody asked for`)
    }
    if (known?.isSettled === true && data.type !== 'expired') {
      this.faults.push(
        `event ${offset} is of ${name}, which had been answered and had taken effect as it was to`
      )
    }
    if (data.type !== 'expired') known?.events.push(event)
    this.faults.push(...this.record(target).take(event, known?.askedAt))
  }
}
