import type { Ledger } from '../../../domain/ledger.ts'
import type { ReservationPosition, ReservationStatus } from '../../../domain/reservation-pages.ts'
import { adjust, commit, expire, extend, release, reserve, separate, storeId } from '../../domain/units.ts'
import { carryOut, feed, look, stock } from './asking.ts'
import type { Promises } from './promises.ts'

/** SKU and id of all, page after page. */
async function listed(
  ledger: Ledger,
  status: ReservationStatus,
  at: number,
  sku?: string
): Promise<string[]> {
  const found: string[] = []
  let after: ReservationPosition | undefined
  do {
    const query = { storeId, status, limit: 2, ...(sku !== undefined && { sku }) }
    const page = await ledger.reservations(after === undefined ? query : { ...query, after }, at)
    found.push(...(page?.reservations ?? []).map((one) => `${one.sku} ${one.id}`))
    after = page?.next
  } while (after !== undefined)
  return found
}

export const reservationPromises: Promises = {
  async 'reservation: as it is at an instant, open or ended'(t, ledger) {
    await stock(ledger, { a: 10 })
    await carryOut(ledger, reserve('a', 3, 'r-1', 900), reserve('a', 2, 'r-2'))
    const on = { storeId, sku: 'a' }
    const held = { ...on, id: 'r-1', status: 'open', qty: 3, expiresAt: 900 } as const
    t.strictSame(await ledger.reservation(storeId, 'a', 'r-1', 899), held)
    const expired = { ...on, id: 'r-1', status: 'expired', qty: 3, endedAt: 900 } as const
    t.strictSame(await ledger.reservation(storeId, 'a', 'r-1', 900), expired)
    await ledger.execute(separate([expire('a'), commit('a', 'r-2')], { at: 1000 }))
    t.strictSame(await ledger.reservation(storeId, 'a', 'r-1', 899), expired, 'an end is final')
    t.match(await ledger.reservation(storeId, 'a', 'r-2', 1000), {
      status: 'committed',
      qty: 2,
      endedAt: 1000
    })
    t.equal(await ledger.reservation(storeId, 'a', 'r-3', 1000), undefined)
    t.equal(await ledger.reservation(storeId, 'b', 'r-1', 1000), undefined)
  },

  async 'reservations: by store, SKU and status, in pages'(t, ledger) {
    await stock(ledger, { b: 10, a: 10 })
    for (const id of ['r-3', 'r-1', 'r-2'])
      await carryOut(ledger, reserve('b', 1, id), reserve('a', 1, `${id}a`, 500))
    t.strictSame(await listed(ledger, 'open', 400), ['a r-1a', 'a r-2a', 'a r-3a', 'b r-1', 'b r-2', 'b r-3'])
    t.strictSame(await listed(ledger, 'open', 500), ['b r-1', 'b r-2', 'b r-3'])
    await carryOut(ledger, release('b', 'r-3'), release('b', 'r-1'))
    t.strictSame(await listed(ledger, 'released', 400), ['b r-1', 'b r-3'], 'what ended last comes first')
    await ledger.execute(separate([expire('a', 1)], { at: 600 }))
    t.strictSame(await listed(ledger, 'expired', 600), ['a r-2a', 'a r-3a', 'a r-1a'], 'written down or not')
    t.strictSame(await listed(ledger, 'open', 400, 'b'), ['b r-2'])
    t.strictSame(await listed(ledger, 'committed', 400), [])
    const unknown = { status: 'open', limit: 9 } as const
    t.equal(await ledger.reservations({ storeId, sku: 'none', ...unknown }, 1), undefined)
    t.strictSame(await ledger.reservations({ storeId: 'none', ...unknown }, 1), { reservations: [] })
  },

  async 'due: the records whose reservations have lapsed, until it is written down'(t, ledger) {
    await stock(ledger, { a: 10, b: 10, c: 10 })
    await carryOut(ledger, reserve('a', 1, 'r-1', 700), reserve('b', 1, 'r-2', 600), reserve('c', 1, 'r-3'))
    t.strictSame(await ledger.due(599, 9), [])
    const both = [
      { storeId, sku: 'b', expiresAt: 600 },
      { storeId, sku: 'a', expiresAt: 700 }
    ]
    t.strictSame(await ledger.due(700, 9), both)
    t.strictSame(await ledger.due(Infinity, 9), both, 'one that never expires is never due')
    t.strictSame(await ledger.due(700, 1), both.slice(0, 1))
    await carryOut(ledger, extend('b', 'r-2', 800))
    t.strictSame(await ledger.due(700, 9), both.slice(1))
    await ledger.execute(separate([expire('a')], { at: 700 }))
    t.strictSame(await ledger.due(700, 9), [])
    t.equal(await look(ledger, 'a'), '10+0 v3')
  },

  async 'expire: once, whoever asks, and again without an event'(t, ledger) {
    await stock(ledger, { a: 10 })
    await carryOut(ledger, reserve('a', 3, 'r-1', 900))
    const asked = separate([expire('a')], { at: 900 })
    const outcomes = await Promise.all([ledger.execute(asked), ledger.execute(asked), ledger.execute(asked)])
    const applied = outcomes.filter(
      ({ kind, ...rest }) => kind === 'answered' && JSON.stringify(rest).includes('"applied":true')
    )
    t.equal(applied.length, 1)
    const events = await feed(ledger)
    t.strictSame(
      events.map(({ event }) => event.type),
      ['adjusted', 'reserved', 'expired']
    )
    t.match(await ledger.execute(asked), {
      answer: { results: [{ applied: false, refusal: { code: 'nothing_expired' } }] }
    })
    t.equal((await feed(ledger)).length, 3)
  },

  async 'extend: it holds until the new instant'(t, ledger) {
    await stock(ledger, { a: 10 })
    await carryOut(ledger, reserve('a', 3, 'r-1', 900))
    t.match(await ledger.execute(separate([extend('a', 'r-1', 2000)])), {
      answer: {
        results: [
          {
            applied: true,
            record: { version: 3, qty: 7 },
            reservation: { id: 'r-1', qty: 3, expiresAt: 2000 }
          }
        ]
      }
    })
    t.equal(await look(ledger, 'a', 1999), '7+3 v3')
    t.equal(await look(ledger, 'a', 2000), '10+0 v3')
  },

  async 'a second resolution: what was first, and when'(t, ledger) {
    await stock(ledger, { a: 10 })
    await carryOut(ledger, reserve('a', 3, 'r-1'))
    const both = await Promise.all(
      [commit('a', 'r-1'), release('a', 'r-1')].map((command) =>
        ledger.execute(separate([command], { at: 150 }))
      )
    )
    t.match(both[1], {
      answer: {
        results: [
          {
            refusal: {
              code: 'reservation_not_found',
              reservationId: 'r-1',
              ended: { status: 'committed', at: 150 }
            }
          }
        ]
      }
    })
    t.match(await ledger.execute(separate([extend('a', 'r-1', 900)])), {
      answer: { results: [{ refusal: { ended: { status: 'committed', at: 150 } } }] }
    })
    t.equal(await look(ledger, 'a'), '7+0 v3')
    await carryOut(ledger, adjust('a', 1))
  }
}
