import type { StockEvent } from '../../plugins/schemas/history.ts'
import type { StockRecord } from '../../plugins/schemas/stock.ts'

/** When something was asked for and when it was answered, in steps of one counter that everybody shares. */
export interface Span {
  readonly asked: number
  readonly answered: number
}

interface Sight extends Span {
  readonly version: number
  /** What was to be seen of the record, left out where only the version was. */
  readonly stock?: { readonly qty: number; readonly reserved: number }
}

/**
 * Judges whether what many were told by many processes can have happened one after the other, each thing between its
 * question and its answer. A record's changes have numbers, so there is one order to be compared with: no version may be
 * seen before its change was asked for, none may be missing that somebody had been told of, and each must show its stock.
 * It knows nothing of the service but that.
 */
export class ObservedOrder {
  readonly #sights = new Map<string, Sight[]>()
  readonly #changes = new Map<string, Map<number, number>>()
  #step = 0

  /** The next step: everything before it has happened before everything after it. */
  tick(): number {
    this.#step += 1
    return this.#step
  }

  /** A change was made: what it came to, and when its first try was sent. */
  changed(record: { storeId: string; sku: string }, version: number, span: Span): void {
    const name = nameOf(record)
    const changes = this.#changes.get(name) ?? new Map<number, number>()
    this.#changes.set(name, changes.set(version, span.asked))
    this.#see(name, { ...span, version })
  }

  /** A record was read. */
  read({ storeId, sku, version, qty, reserved }: StockRecord, span: Span): void {
    this.#see(nameOf({ storeId, sku }), { ...span, version, stock: { qty, reserved } })
  }

  /** What cannot have been so, given each record's whole history. */
  faults(histories: ReadonlyMap<string, readonly StockEvent[]>): string[] {
    return [...this.#sights].flatMap(([name, sights]) =>
      [
        ...staleSights(sights),
        ...this.#earlySights(name, sights),
        ...wrongSights(sights, histories.get(name) ?? [])
      ].map((text) => `${name}: ${text}`)
    )
  }

  get records(): string[] {
    return [...this.#sights.keys()]
  }

  /** How much was seen. */
  get count(): number {
    return [...this.#sights.values()].reduce((sum, { length }) => sum + length, 0)
  }

  #see(name: string, sight: Sight): void {
    const sights = this.#sights.get(name) ?? []
    this.#sights.set(name, sights)
    sights.push(sight)
  }

  #earlySights(name: string, sights: readonly Sight[]): string[] {
    return sights.flatMap(({ version, answered }) => {
      const asked = this.#changes.get(name)?.get(version) ?? 0
      return asked <= answered ? [] : [`version ${version} was seen before its change was asked for`]
    })
  }
}

/** The key of a record in `histories`. */
export function nameOf({ storeId, sku }: { storeId: string; sku: string }): string {
  return JSON.stringify([storeId, sku])
}

/** Sights that are older than one that was over when they were asked for. */
function staleSights(sights: readonly Sight[]): string[] {
  const answers = sights.toSorted((a, b) => a.answered - b.answered)
  let next = 0
  let known = 0
  return sights
    .toSorted((a, b) => a.asked - b.asked)
    .flatMap(({ asked, version, stock }) => {
      for (let one = answers[next]; one !== undefined && one.answered < asked; one = answers[++next])
        known = Math.max(known, one.version)
      if (version > known || (stock !== undefined && version === known)) return []
      // An earlier try of a change may have been its making; a read has no such excuse, and neither has a first try.
      return [`version ${version} was ${stock ? 'read' : 'made'} after version ${known} had been told of`]
    })
}

function wrongSights(sights: readonly Sight[], history: readonly StockEvent[]): string[] {
  const stocks = new Map(
    history.map(({ version, data }) => [version, { qty: data.qty, reserved: data.reserved }])
  )
  return sights.flatMap(({ version, stock }) => {
    const kept = stocks.get(version)
    if (kept === undefined) return [`version ${version} was told of, and is not in the history`]
    if (stock === undefined || JSON.stringify(stock) === JSON.stringify(kept)) return []
    return [`version ${version} was read as ${JSON.stringify(stock)}, and is ${JSON.stringify(kept)}`]
  })
}
