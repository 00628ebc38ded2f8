import { deepStrictEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { StockBook } from '../../domain/book.ts'
import { Draft } from '../../domain/draft.ts'
import { plain } from './plain-state.ts'
import { holds } from './property.ts'
import { isBound, run, skus, turns, unitOf, Writer, type Turn } from './two-writers.ts'
import { readNext, storeId } from './units.ts'

/** The turns of one process, each with the id of its unit, in the cycles in which it writes them. */
function cyclesOf(played: readonly Turn[]): { turn: Turn; unitId: string }[][] {
  const cycles: { turn: Turn; unitId: string }[][] = []
  for (const [index, turn] of played.entries()) {
    if (turn.catchesUp || cycles.length === 0) cycles.push([])
    cycles.at(-1)?.push({ turn, unitId: `0-${index + 1}` })
  }
  return cycles
}

/** All that the book remembers, and what it finds under each key. */
function held(book: StockBook): unknown {
  const { answers, release } = book.capture()
  const keys = [...answers.parts].flatMap((part) => part.keys)
  release()
  return keys.map((key) => [key, book.answers.find(key, 0, 0)?.toJSON()])
}

t.test('two writers on one log, neither waiting for the other', async (t) => {
  const met = { valid: 0, void: 0 }
  holds(
    t,
    'books fed the same units reach the same verdicts and the same state, whenever they read',
    fc.property(turns, (played) => {
      const { log, writers } = run(played)
      const [one, other] = writers
      const fresh = new Writer('2', log)
      fresh.catchUp()
      deepStrictEqual(one.verdicts, fresh.verdicts)
      deepStrictEqual(other.verdicts, fresh.verdicts)
      for (const valid of fresh.verdicts) met[valid ? 'valid' : 'void'] += 1
      for (const { book } of writers) {
        equal(book.sequence, fresh.book.sequence)
        equal(book.answers.size, fresh.book.answers.size)
        for (const on of skus) {
          deepStrictEqual(plain(book.state(storeId, on)), plain(fresh.book.state(storeId, on)))
          deepStrictEqual(
            book.history(storeId, on, Infinity, 99),
            fresh.book.history(storeId, on, Infinity, 99)
          )
        }
      }
    })
  )
  t.ok(met.valid > 0 && met.void > 0, `${met.valid} units were valid and ${met.void} void`)

  holds(
    t,
    'a valid unit is what deciding it at its place in the log alone comes to',
    fc.property(turns, (played) => {
      const book = new StockBook()
      for (const { asked, logged, proposal } of run(played).log) {
        const alone = new Draft(book).propose(asked, logged.id)
        if (!readNext(book, logged).valid || !isBound(proposal)) continue
        deepStrictEqual(proposal.outcome, alone.outcome)
        deepStrictEqual(proposal.logged?.events, alone.logged?.events)
        deepStrictEqual(proposal.logged?.answers, alone.logged?.answers)
      }
    }),
    1000
  )

  let effects = 0
  holds(
    t,
    'a book that lets its own units take effect as they were drafted is one that reads them',
    fc.property(turns, (played) => {
      const [own, reader] = [new StockBook(), new StockBook()]
      const cycles = cyclesOf(played)
      for (const cycle of cycles) {
        const draft = new Draft(own)
        const drafted = cycle.map(({ turn, unitId }) => draft.propose(unitOf(turn, unitId), unitId))
        for (const { logged, effect } of drafted) {
          if (logged === undefined) continue
          if (effect !== undefined) effects += 1
          own.apply(logged, effect)
          equal(readNext(reader, logged).valid, true)
        }
        for (const on of skus) {
          deepStrictEqual(plain(own.state(storeId, on)), plain(reader.state(storeId, on)))
        }
      }
      deepStrictEqual(held(own), held(reader))
    })
  )
  t.ok(effects > 0, `${effects} units took effect as they were drafted`)

  holds(
    t,
    'no update is lost: each version follows the one before it, and every unit is accounted for',
    fc.property(turns, (played) => {
      const { log, writers } = run(played)
      const told = new Map<string, { version: number; onHand: number }>()
      for (const [index, { logged }] of log.entries()) {
        if (writers[0].verdicts[index] !== true) continue
        for (const event of logged.events) {
          const { version, onHand } = told.get(event.sku) ?? { version: 0, onHand: 0 }
          equal(event.version, version + 1)
          const gained =
            event.type === 'adjusted' ? event.delta : event.type === 'committed' ? -event.units : 0
          told.set(event.sku, { version: version + 1, onHand: onHand + gained })
        }
      }
      for (const on of skus) {
        const { qty, reserved, version } = writers[1].book.state(storeId, on)
        deepStrictEqual({ version, onHand: qty + reserved }, told.get(on) ?? { version: 0, onHand: 0 })
      }
    })
  )
})
