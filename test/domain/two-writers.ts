import fc from 'fast-check'
import { StockBook } from '../../domain/book.ts'
import type { Command } from '../../domain/commands.ts'
import { Draft, type Proposal } from '../../domain/draft.ts'
import type { LoggedUnit } from '../../domain/logged-unit.ts'
import type { Unit } from '../../domain/unit.ts'
import { adjust, commit, expire, extend, readNext, release, reserve } from './units.ts'

export const skus = ['a', 'b'] as const

interface AskedLine {
  readonly command: Command
  readonly key?: string
}

export interface Turn {
  readonly writer: 0 | 1
  readonly at: number
  /** Whether the writer reads the log to its end before it decides. */
  readonly catchesUp: boolean
  readonly atomic: boolean
  readonly lines: readonly AskedLine[]
  readonly key?: string
}

export interface Written {
  readonly asked: Unit
  readonly logged: LoggedUnit
  readonly proposal: Proposal
}

const keys = fc.constantFrom('k-1', 'k-2', 'k-3')
const sku = fc.constantFrom(...skus)
// Few commands, so that a key often meets its own request again.
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(sku, fc.constantFrom(5, 5, -2, -4)).map(([on, delta]) => adjust(on, delta)),
  fc
    .tuple(sku, fc.constantFrom(undefined, 400, 900))
    .map(([on, expiresAt]) => reserve(on, 2, 'new', expiresAt)),
  fc.tuple(sku, fc.constantFrom('0-1.0', '1-1.0', '0-2.0')).map(([on, id]) => release(on, id)),
  fc.tuple(sku, fc.constantFrom('0-1.0', '1-1.0', '1-2.0')).map(([on, id]) => commit(on, id)),
  fc
    .tuple(sku, fc.constantFrom('0-1.0', '1-1.0', '0-2.0'), fc.constantFrom(300, 700, 1600))
    .map(([on, id, expiresAt]) => extend(on, id, expiresAt)),
  sku.map((on) => expire(on))
)
/** What two processes ask of one log: their clocks jump, and neither waits for the other. */
export const turns = fc.array(
  fc.record<Turn>(
    {
      writer: fc.constantFrom(0, 1),
      at: fc.nat(1500),
      catchesUp: fc.boolean(),
      atomic: fc.boolean(),
      lines: fc.array(fc.record<AskedLine>({ command, key: keys }, { requiredKeys: ['command'] }), {
        minLength: 1,
        maxLength: 4
      }),
      key: keys
    },
    { requiredKeys: ['writer', 'at', 'catchesUp', 'atomic', 'lines'] }
  ),
  { maxLength: 25, size: 'max' }
)

const identity = (key: string, at: number, payload: unknown) => ({
  key: `anonymous ${key}`,
  fingerprint: JSON.stringify(payload),
  until: at + 300
})

export function unitOf({ at, atomic, lines, key }: Turn, unitId: string): Unit {
  return {
    at,
    atomic,
    lines: lines.map((one, index) => {
      const asked =
        one.command.type === 'reserve' ? { ...one.command, reservationId: `${unitId}.${index}` } : one.command
      return one.key === undefined
        ? { command: asked }
        : { command: asked, identity: identity(one.key, at, one.command) }
    }),
    ...(key === undefined ? undefined : { identity: identity(key, at, lines) })
  }
}

/** A process on the shared log: it decides on what it has read and what it has itself in flight. */
export class Writer {
  readonly verdicts: boolean[] = []
  readonly book = new StockBook()
  readonly #log: Written[]
  readonly #name: string
  #draft = new Draft(this.book)
  #count = 0

  constructor(name: string, log: Written[]) {
    this.#name = name
    this.#log = log
  }

  catchUp(): void {
    for (const { logged } of this.#log.slice(this.verdicts.length)) {
      this.verdicts.push(readNext(this.book, logged).valid)
    }
    this.#draft = new Draft(this.book)
  }

  write(turn: Turn): void {
    if (turn.catchesUp) this.catchUp()
    const unitId = `${this.#name}-${this.#count + 1}`
    const asked = unitOf(turn, unitId)
    const proposal = this.#draft.propose(asked, unitId)
    if (proposal.logged === undefined) return
    this.#count += 1
    this.#log.push({ asked, logged: proposal.logged, proposal })
  }
}

/** A refusal that no key remembers is an answer about the moment it was given in, not about a place in the log. */
export function isBound({ outcome, logged }: Proposal): boolean {
  if (logged?.answers !== undefined) return true
  return outcome.kind === 'answered' && outcome.answer.results.every(({ applied }) => applied)
}

export function run(played: readonly Turn[]): { log: Written[]; writers: [Writer, Writer] } {
  const log: Written[] = []
  const writers: [Writer, Writer] = [new Writer('0', log), new Writer('1', log)]
  for (const turn of played) writers[turn.writer].write(turn)
  for (const writer of writers) writer.catchUp()
  return { log, writers }
}
