import type { StockEvent } from '../../plugins/schemas/history.ts'
import { nameOf, type Asked, type AskedLine, type Target } from './asked.ts'
import { FeedAccount, type KnownEffect } from './feed-account.ts'
import { refusalSights } from './refusals.ts'
import type { ClockRange } from './messages.ts'
import { faultOf, type Sight, type Span } from './sights.ts'
import type { Told } from './told.ts'

export interface Question {
  readonly askedAt: number
  readonly floors: ReadonlyMap<string, number>
}

interface Answered {
  readonly known: KnownEffect
  readonly told: readonly Told[]
}

/**
 * Judges all that clients are told, by nothing but what they asked for: what was acknowledged is in the feed, once, with
 * what it came to; what was refused is not, and had a reason at the time; what was read was so, and nothing older; and all
 * who follow the feed are told the same.
 */
export class Auditor {
  readonly feed: FeedAccount
  readonly #effects = new Map<string, KnownEffect>()
  /** By record, the newest version that anybody was told of. */
  readonly #told = new Map<string, number>()
  readonly #faults: string[] = []
  #answered: Answered[] = []
  #sights: Sight[] = []
  #step = 0

  constructor() {
    this.feed = new FeedAccount(this.#effects)
  }

  get faults(): readonly string[] {
    return [...this.#faults, ...this.feed.faults]
  }

  fault(text: string): void {
    this.#faults.push(text)
  }

  /** The newest version of the record that anybody was told of, 0 for none. */
  versionOf(target: Target): number {
    return this.#told.get(nameOf(target)) ?? 0
  }

  /** Something is about to be asked for, or read. */
  ask(asked?: Asked): Question {
    this.#step += 1
    for (const effect of asked?.effects ?? []) {
      this.#effects.set(effect.name, { effect, askedAt: this.#step, events: [], isSettled: false })
    }
    return { askedAt: this.#step, floors: new Map(this.#told) }
  }

  /** It was answered, by servers with these clocks. */
  answered({ floors }: Question, clocks: ClockRange): Span {
    this.#step += 1
    return { floors, answeredAt: this.#step, clocks }
  }

  /** What became of the lines. */
  acknowledge({ effects }: Asked, span: Span, told: readonly Told[]): void {
    let next = 0
    for (const { name, lines } of effects) {
      const known = this.#effects.get(name)
      if (known === undefined) throw new Error(`${name} was never asked for`)
      const ownTold = told.slice(next, (next += lines.length))
      this.#answered.push({ known, told: ownTold })
      for (const [index, line] of lines.entries()) {
        const one = ownTold[index]
        if (one?.isApplied === true) this.#know(line, one.version)
        else if (one !== undefined) this.#sights.push(...refusalSights(line, one, span))
      }
    }
  }

  see(sight: Sight, version: number): void {
    this.#sights.push(sight)
    this.#know(sight.target, version)
  }

  /** Somebody who follows the feed was told. */
  follow(offset: number, event: StockEvent): void {
    this.feed.take(offset, event)
    this.#know({ storeId: event.data.storeId ?? event.storeId, sku: event.productId }, event.version)
  }

  /** REQUIRES: the feed was read to its end after everything that was asked for had been answered. */
  check(): void {
    for (const { known, told } of this.#answered) this.#settle(known, told)
    for (const sight of this.#sights) {
      const fault = faultOf(sight, this.feed)
      if (fault !== undefined) this.fault(fault)
    }
    this.#answered = []
    this.#sights = []
    for (const [name, version] of this.#told) {
      const [storeId, sku] = JSON.parse(name) as [string, string]
      if (this.feed.record({ storeId, sku }).at(version) === undefined) {
        this.fault(`${name} had version ${version}, and no event has made it`)
      }
    }
  }

  #settle(known: KnownEffect, told: readonly Told[]): void {
    const { effect, events } = known
    known.isSettled = true
    const applied = effect.lines.flatMap((line, index) => {
      const one = told[index]
      return one?.isApplied === true ? [{ line, told: one }] : []
    })
    for (const [index, { line, told: one }] of applied.entries()) {
      const event = events[index]
      const found = event && difference(line, one, event)
      if (event === undefined) this.fault(`lost: ${effect.name} was acknowledged ${JSON.stringify(one)}`)
      else if (found !== undefined) this.fault(`${effect.name}: ${found}: ${JSON.stringify(event)}`)
      else this.#checkPrecondition(line, one.version)
    }
    if (events.length <= applied.length) return
    const text = `${events.length} events are of ${effect.name}, of which ${applied.length} lines were acknowledged`
    this.fault(`${text}: ${JSON.stringify(events)}`)
  }

  #checkPrecondition(line: AskedLine, version: number): void {
    const { expectedVersion } = line
    if (expectedVersion === undefined) return
    const history = this.feed.record(line)
    for (let between = expectedVersion + 1; between < version; between += 1) {
      if (history.at(between)?.isExpiry === true) continue
      this.fault(
        `${nameOf(line)}: version ${version} was to be made on ${expectedVersion}, and ${between} is between`
      )
    }
    if (version <= expectedVersion)
      this.fault(`${nameOf(line)}: version ${version} was to follow ${expectedVersion}`)
  }

  #know(target: Target, version: number): void {
    const name = nameOf(target)
    this.#told.set(name, Math.max(version, this.#told.get(name) ?? 0))
  }
}

const eventTypes: Record<AskedLine['type'], StockEvent['data']['type']> = {
  adjust: 'adjusted',
  reserve: 'reserved',
  release: 'released',
  commit: 'committed',
  extend: 'extended',
  create: 'product_created',
  set: 'product_modified',
  delete: 'product_deleted'
}

/** In what the event is not what was asked for and acknowledged. */
function difference(
  line: AskedLine,
  told: Extract<Told, { isApplied: true }>,
  { storeId, productId, version, data }: StockEvent
): string | undefined {
  const isRecord = (data.storeId ?? storeId) === line.storeId && productId === line.sku
  if (!isRecord || data.type !== eventTypes[line.type]) return `it is no ${line.type} of ${nameOf(line)}`
  if (version !== told.version) return `version ${told.version} was acknowledged`
  if (told.qty !== undefined && told.qty !== data.qty) return `qty ${told.qty} was acknowledged`
  if (told.reserved !== undefined && told.reserved !== data.reserved) {
    return `reserved ${told.reserved} was acknowledged`
  }
  if (line.type === 'adjust' && line.delta !== data.delta) return `${line.delta} was asked for`
  if ('units' in line && line.units !== undefined && line.units !== data.units) {
    return `${line.units} units were asked for`
  }
  if ('available' in line && line.available !== data.qty) return `${line.available} was asked for`
  const reservationId = 'reservationId' in line ? line.reservationId : told.reservationId
  if (reservationId !== data.reservationId) return `reservation ${reservationId} was meant`
  return undefined
}
