import type { ReservationReading, StockPage, StockRecord } from '../../plugins/schemas/stock.ts'
import { nameOf, type Asked, type Target } from './asked.ts'
import type { Auditor, Question } from './auditor.ts'
import type { Chance } from './chance.ts'
import type { History } from './history.ts'
import { recordPath, storePath } from './request-forms.ts'
import { stores, type RequestSource } from './request-source.ts'
import type { Network } from './network.ts'
import type { ClockRange, Reply } from './messages.ts'
import type { Span } from './sights.ts'
import { linesOf } from './asked.ts'
import { toldOf } from './told.ts'

export interface ClientsWorld {
  readonly network: Network
  readonly auditor: Auditor
  readonly source: RequestSource
  readonly chance: Chance
  readonly history: History
}

interface Answer {
  readonly asked: Asked
  readonly reply: Reply
}

const answersRemembered = 200

/** Callers who care for nothing but an answer: what gets none is asked again, by whatever server, under the same key. */
export class Clients {
  readonly counts = { changes: 0, reads: 0, replays: 0, doubled: 0, unknown: 0, behind: 0 }
  readonly #world: ClientsWorld
  readonly #answers: Answer[] = []

  constructor(world: ClientsWorld) {
    this.#world = world
  }

  /** One thing that the caller of that address does, up to its answer. */
  async step(address: string): Promise<void> {
    const { chance } = this.#world
    const kind = chance.below(24)
    if (kind < 5) await this.#readRecord(address)
    else if (kind < 6) await this.#readStore(address)
    else if (kind < 7) await this.#readReservation(address)
    else if (kind < 9) await this.#replay(address)
    else await this.#change(address)
  }

  async #change(address: string): Promise<void> {
    const { source, auditor, chance, network } = this.#world
    const asked = source.next()
    const question = auditor.ask(asked)
    this.counts.changes += 1
    if (!asked.isRepeatable) return await this.#changeOnce(asked, question, address)
    const tries = chance.once(6) ? 2 : 1
    if (tries === 2) this.counts.doubled += 1
    const message = { ...asked.message, client: address }
    const answers = await Promise.all(Array.from({ length: tries }, () => network.untilAnswered(message)))
    const [first, second] = answers
    if (first === undefined) throw new Error('no try was made')
    if (second !== undefined) this.#compare(asked, first.reply, second.reply)
    this.#conclude(asked, question, first.reply, union(answers.map(({ clocks }) => clocks)))
  }

  /** Without a key nobody dares to ask again: what came of it shows in the feed. */
  async #changeOnce(asked: Asked, question: Question, address: string): Promise<void> {
    const answer = await this.#world.network.once({ ...asked.message, client: address })
    if (answer === undefined) this.counts.unknown += 1
    else this.#conclude(asked, question, answer.reply, answer.clocks)
  }

  #conclude(asked: Asked, question: Question, reply: Reply, clocks: ClockRange): void {
    const { auditor, source, history } = this.#world
    const span = auditor.answered(question, clocks)
    const told = toldOf(asked, reply)
    auditor.acknowledge(asked, span, told)
    history.note(asked.message.url, asked.message.body ?? '', String(reply.status), reply.body)
    for (const [index, { storeId, sku }] of linesOf(asked).entries()) {
      const one = told[index]
      if (one?.isApplied === true && one.reservationId !== undefined) {
        source.addReservation({ storeId, sku, id: one.reservationId })
      }
    }
    if (!asked.isRepeatable) return
    this.#answers.push({ asked, reply })
    if (this.#answers.length > answersRemembered) this.#answers.shift()
  }

  #compare({ message }: Asked, first: Reply, second: Reply): void {
    if (inShort(first) === inShort(second)) return
    this.#world.auditor.fault(`${message.body} was answered ${inShort(first)} and ${inShort(second)}`)
  }

  /** What was answered is asked again: the answer must be the same, and another request under its key is refused. */
  async #replay(address: string): Promise<void> {
    const { chance, auditor, network } = this.#world
    if (this.#answers.length === 0) return
    const { asked, reply } = chance.oneOf(this.#answers)
    this.counts.replays += 1
    if (asked.message.headers['idempotency-key'] !== undefined && chance.once(4)) {
      return await this.#misuse(asked, address)
    }
    const again = await network.untilAnswered({ ...asked.message, client: address })
    this.#compare(asked, reply, again.reply)
    if (asked.saysReplayed && !again.reply.replayed) {
      auditor.fault(`${asked.message.body} was answered again, and not as a repetition`)
    }
  }

  async #misuse(asked: Asked, address: string): Promise<void> {
    const { auditor, network } = this.#world
    const url = recordPath({ storeId: stores[0] ?? '', sku: 'other' })
    const message = { ...asked.message, method: 'POST' as const, url: `${url}/adjust`, body: '{"delta":1}' }
    const { reply } = await network.untilAnswered({ ...message, client: address })
    if (reply.status === 409 && reply.body.includes('IDEMPOTENCY_CONFLICT_ERROR')) return
    auditor.fault(`a key that was used was taken again: ${reply.status} ${reply.body}`)
  }

  async #readRecord(address: string): Promise<void> {
    const target = this.#world.source.target()
    const { reply, span } = await this.#get(recordPath(target), address)
    const found = reply.status === 200 ? (JSON.parse(reply.body) as StockRecord) : undefined
    this.#seeRecord(target, found, span)
    if (found !== undefined && reply.etag !== `"${found.version}"`) {
      this.#world.auditor.fault(`version ${found.version} of ${nameOf(target)} has the tag ${reply.etag}`)
    }
  }

  async #readStore(address: string): Promise<void> {
    const storeId = this.#world.chance.oneOf(stores)
    const { reply, span } = await this.#get(`${storePath(storeId)}?limit=1000`, address)
    const { items } = JSON.parse(reply.body) as StockPage
    for (const record of items) this.#seeRecord({ storeId, sku: record.sku }, record, span)
    const shown = new Set(items.map(({ sku }) => sku))
    for (const name of span.floors.keys()) {
      const [store, sku] = JSON.parse(name) as [string, string]
      if (store === storeId && !shown.has(sku)) this.#seeRecord({ storeId, sku }, undefined, span)
    }
  }

  #seeRecord(target: Target, found: StockRecord | undefined, span: Span): void {
    const what = found
      ? `it was read as ${found.version}, ${found.qty}, ${found.reserved}`
      : 'it was not found'
    const fits = found
      ? (there: { version: number }, stock: { qty: number; reserved: number }): boolean =>
          there.version === found.version && stock.qty === found.qty && stock.reserved === found.reserved
      : (there: { exists: boolean }): boolean => !there.exists
    this.#world.auditor.see({ target, span, what, fits }, found?.version ?? 0)
  }

  async #readReservation(address: string): Promise<void> {
    const reservation = this.#world.source.reservation()
    if (reservation === undefined) return
    const { id, ...target } = reservation
    const { reply, span } = await this.#get(`${recordPath(target)}/reservations/${id}`, address)
    // A server that sees nothing of what others write need not have heard of it.
    if (reply.status === 404 && reply.isBehind) return
    if (reply.status !== 200) {
      return this.#world.auditor.fault(`reservation ${id} was answered ${reply.status}: ${reply.body}`)
    }
    const { status, qty } = JSON.parse(reply.body) as ReservationReading
    const { earliest, latest } = span.clocks
    this.#world.auditor.see(
      {
        target,
        span,
        what: `reservation ${id} was read as ${status}, ${qty}`,
        fits: ({ held }) => {
          const there = held.find((one) => one.id === id)
          if (status === 'open') return there?.units === qty && there.expiresAt > earliest
          return there === undefined || (status === 'expired' && there.expiresAt <= latest)
        }
      },
      0
    )
  }

  async #get(url: string, address: string): Promise<{ reply: Reply; span: Span }> {
    const { auditor, network, history } = this.#world
    this.counts.reads += 1
    const { reply, question, clocks } = await network.read(
      { method: 'GET', url, headers: {}, client: address },
      () => auditor.ask()
    )
    history.note(url, String(reply.status), reply.body)
    const span = auditor.answered(question, clocks)
    // Only what is there already is promised then, not what is newest.
    if (reply.isBehind) this.counts.behind += 1
    return { reply, span: reply.isBehind ? { ...span, floors: new Map() } : span }
  }
}

function inShort({ status, body, etag }: Reply): string {
  return JSON.stringify([status, body, etag])
}

function union(ranges: readonly ClockRange[]): ClockRange {
  return {
    earliest: Math.min(...ranges.map(({ earliest }) => earliest)),
    latest: Math.max(...ranges.map(({ latest }) => latest))
  }
}
