import { adjust, key, line, release, reserve, separate, storeId } from '../../domain/units.ts'
import { carryOut, look, now, stock } from './asking.ts'
import type { Promises } from './promises.ts'

export const readPromises: Promises = {
  async 'get: nothing where there is no record'(t, ledger) {
    t.equal(await ledger.get(storeId, 'a', now), undefined)
    await stock(ledger, { a: 1 })
    t.equal(await ledger.get(storeId, 'b', now), undefined)
    t.equal(await ledger.get('store-2', 'a', now), undefined)
  },

  async 'get: the record as the last answer left it'(t, ledger) {
    await ledger.execute(separate([adjust('a', 10)], { at: 40 }))
    await ledger.execute(separate([reserve('a', 4, 'r-1')], { at: 70 }))
    t.match(await ledger.get(storeId, 'a', 90), {
      storeId,
      sku: 'a',
      qty: 6,
      reserved: 4,
      version: 2,
      updatedAt: 70
    })
  },

  async 'get, list: what has lapsed is free again, though no event says so yet'(t, ledger) {
    await stock(ledger, { a: 10 })
    await carryOut(ledger, reserve('a', 4, 'r-1', 200), reserve('a', 3, 'r-2', 300), reserve('a', 1, 'r-3'))
    t.equal(await look(ledger, 'a', 199), '2+8 v4')
    t.equal(await look(ledger, 'a', 200), '6+4 v4')
    t.equal(await look(ledger, 'a', 1_000_000), '9+1 v4')
    const { records } = await ledger.list({ storeId, limit: 1 }, 300)
    t.match(records, [{ qty: 9, reserved: 1, version: 4 }])
    t.equal(ledger.health().sequence, 4)
  },

  async 'list: by UTF-16 code units, page after page'(t, ledger) {
    const skus = ['a', 'B', '10', '9', 'ab', 'é', 'z', '\u{1f600}', '\uffee', 'A', 'a-1']
    for (const sku of skus) await stock(ledger, { [sku]: 1 })
    const found: string[] = []
    const sizes: number[] = []
    for (let hasMore = true; hasMore;) {
      const after = found.at(-1)
      const page = await ledger.list({ storeId, limit: 3, ...(after === undefined ? {} : { after }) }, now)
      found.push(...page.records.map(({ sku }) => sku))
      sizes.push(page.records.length)
      hasMore = page.hasMore
    }
    t.strictSame(found, [...skus].sort())
    t.ok(found.indexOf('\u{1f600}') < found.indexOf('\uffee'), 'not by code points')
    t.strictSame(sizes, [3, 3, 3, 2])
    t.match(await ledger.list({ storeId, limit: 11 }, now), { hasMore: false })
  },

  async 'list: a record put in between two pages comes in its place or was passed'(t, ledger) {
    await stock(ledger, { b: 1, d: 1, f: 1 })
    const first = await ledger.list({ storeId, limit: 2 }, now)
    t.strictSame(
      first.records.map(({ sku }) => sku),
      ['b', 'd']
    )
    await stock(ledger, { a: 1, c: 1, e: 1, g: 1, d: 1 })
    const second = await ledger.list({ storeId, after: 'd', limit: 10 }, now)
    t.strictSame(
      second.records.map(({ sku }) => sku),
      ['e', 'f', 'g']
    )
    t.match(await ledger.list({ storeId, after: 'dd', limit: 1 }, now), { records: [{ sku: 'e' }] })
  },

  async 'list: of one store, empty where there is nothing'(t, ledger) {
    const nothing = { records: [], hasMore: false, sequence: 0 }
    t.strictSame(await ledger.list({ storeId, limit: 10 }, now), nothing)
    await stock(ledger, { a: 1 })
    await carryOut(ledger, { ...adjust('b', 1), storeId: 'store-2' })
    t.match(await ledger.list({ storeId, limit: 10 }, now), { records: [{ sku: 'a' }], hasMore: false })
    const later = { ...nothing, sequence: 2 }
    t.strictSame(await ledger.list({ storeId: 'store-3', limit: 10 }, now), later)
    t.strictSame(await ledger.list({ storeId, after: 'a', limit: 10 }, now), later)
  },

  async 'history: the exact events of the record, newest first'(t, ledger) {
    await ledger.execute(
      separate([adjust('a', 10, { reason: 'count', reference: 'doc-1' })], { actor: 'ann' })
    )
    await ledger.execute(separate([adjust('b', 1), line(reserve('a', 4, 'r-1', 900), key('k-1'))]))
    await ledger.execute(separate([release('a', 'r-1')], { at: 150, identity: key('k-2') }))
    const page = await ledger.history({ storeId, sku: 'a', limit: 10 })
    const [first, second] = await Promise.all([ledger.read(1, 1), ledger.read(2, 1)])
    const facts = { storeId, sku: 'a' }
    t.strictSame(page, {
      hasMore: false,
      events: [
        {
          sequence: 4,
          at: 150,
          unitId: page?.events[0]?.unitId,
          idempotencyKey: 'k-2',
          event: {
            type: 'released',
            ...facts,
            base: second[0]?.unitId,
            delta: 4,
            qty: 10,
            reserved: 0,
            version: 3,
            reservationId: 'r-1',
            units: 4
          }
        },
        {
          sequence: 3,
          at: 100,
          unitId: second[0]?.unitId,
          idempotencyKey: 'k-1',
          event: {
            type: 'reserved',
            ...facts,
            base: first[0]?.unitId,
            delta: -4,
            qty: 6,
            reserved: 4,
            version: 2,
            reservationId: 'r-1',
            units: 4,
            expiresAt: 900
          }
        },
        {
          sequence: 1,
          at: 100,
          unitId: first[0]?.unitId,
          actor: 'ann',
          event: {
            type: 'adjusted',
            ...facts,
            base: '',
            delta: 10,
            qty: 10,
            reserved: 0,
            version: 1,
            reason: 'count',
            reference: 'doc-1'
          }
        }
      ]
    })
  },

  async 'history: page after page, below the sequence asked for'(t, ledger) {
    for (let round = 0; round < 7; round += 1) await stock(ledger, { a: 1, b: 1 })
    const versions: number[] = []
    let before: number | undefined
    for (let hasMore = true; hasMore;) {
      const page = await ledger.history({ storeId, sku: 'b', limit: 3, ...(before ? { before } : {}) })
      versions.push(...(page?.events ?? []).map(({ event }) => event.version))
      before = page?.events.at(-1)?.sequence
      hasMore = page?.hasMore ?? false
    }
    t.strictSame(versions, [7, 6, 5, 4, 3, 2, 1])
    t.strictSame(await ledger.history({ storeId, sku: 'b', before: 2, limit: 3 }), {
      events: [],
      hasMore: false
    })
  },

  async 'history: undefined where there is no record'(t, ledger) {
    await stock(ledger, { a: 1 })
    t.equal(await ledger.history({ storeId, sku: 'b', limit: 10 }), undefined)
    t.equal(await ledger.history({ storeId: 'store-2', sku: 'a', limit: 10 }), undefined)
  }
}
