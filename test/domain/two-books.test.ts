import { deepStrictEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { StockBook } from '../../domain/book.ts'
import { Draft } from '../../domain/draft.ts'
import { plain } from './plain-state.ts'
import { holds } from './property.ts'
import { isBound, run, skus, turns, Writer } from './two-writers.ts'
import { readNext, storeId } from './units.ts'

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
