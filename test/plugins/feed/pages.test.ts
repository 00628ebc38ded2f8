import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { EventsGoneError, type LedgerHealth } from '../../../domain/ledger.ts'
import { Feed } from '../../../plugins/feed/feed.ts'
import type { FeedFilter } from '../../../plugins/feed/query.ts'
import { processTime } from '../../../plugins/feed/time.ts'
import { renderEvent } from '../../../plugins/schemas/rendered-event.ts'
import { holdsAsynchronously } from '../../domain/property.ts'
import { feedFixture, inShort, parsed, WatchedLedger, type Question } from './fixture.ts'

/** What a page must be, from all the events there are. */
async function expected(ledger: WatchedLedger, { offset = 1, limit = 100, filter = {} }: Question) {
  const all = (await ledger.read(1, Infinity)).map(renderEvent)
  const matching = all.filter(
    ({ offset: at, storeId, productId, eventType, data }) =>
      at >= offset &&
      at < offset + 10_000 &&
      [productId, undefined].includes(filter.productId) &&
      [storeId, data.storeId, undefined].includes(filter.storeId) &&
      (filter.eventType === undefined || eventType === filter.eventType)
  )
  const events = matching.slice(0, limit)
  const isFiltered = Object.keys(filter).length > 0
  const scanned = isFiltered ? Math.min(all.length, offset + 9999) : all.length
  const last = events.length === limit ? (events.at(-1)?.offset ?? 0) : scanned
  const nextOffset = Math.max(offset, last + 1)
  return { events, nextOffset, hasMore: nextOffset <= all.length, count: events.length }
}

const skus = ['a', 'b', 'Zähl\u{1f600}ung', '},{"offset":7', '"\\']
const question = fc.record(
  {
    offset: fc.integer({ min: 1, max: 700 }),
    limit: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 200, max: 1000 })),
    filter: fc.record<FeedFilter>(
      { productId: fc.constantFrom(...skus), storeId: fc.constantFrom('S', 'T', 'asker') },
      { requiredKeys: [] }
    )
  },
  { requiredKeys: [] }
)
const step = fc.oneof(
  { weight: 3, arbitrary: question.map((asked) => ({ asked })) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom(...skus), fc.constantFrom('S', 'T'), fc.boolean()), {
        maxLength: 300
      })
      .map((written) => ({ written }))
  }
)

t.test('pages', async (t) => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
    const { ledger, ask, settle } = feedFixture()
    for (const one of steps) {
      if ('written' in one) {
        for (const [sku, storeId, isAsked] of one.written) {
          const adjust = {
            type: 'adjust',
            storeId,
            sku,
            delta: 1,
            ...(isAsked && { askedBy: 'asker' })
          } as const
          await ledger.execute({ at: 1, atomic: false, lines: [{ command: adjust }] })
        }
      } else {
        const asked = [ask(one.asked), ask(one.asked)]
        await settle()
        const page = await expected(ledger, one.asked)
        for (const { page: answered } of asked) assert.deepEqual(parsed(answered), page)
      }
    }
  })
  const name = 'a page is what the log says, whatever was asked and written before'
  await holdsAsynchronously(t, name, property, 60)
})

t.test('who asks for the same at the same time costs one read', async (t) => {
  const { ledger, ask, settle, write } = feedFixture()
  await write(...Array.from({ length: 300 }, (_, index) => `k${index}`))
  ledger.reads = 0
  const asked = Array.from({ length: 1000 }, () => ask({ limit: 250 }))
  await settle(1000)
  t.equal(new Set(asked.map(({ page }) => page?.body)).size, 1)
  t.equal(ledger.reads, 1)
  ask({ limit: 200 })
  ask({ offset: 7, limit: 200 })
  await settle()
  t.equal(ledger.reads, 1, 'and so do other pages of the same events')
})

t.test('a full page that was the last says so only as long as it is', async (t) => {
  const { ask, settle, write } = feedFixture()
  const pageOfTwo = async () => {
    const asked = ask({ limit: 2 })
    await settle()
    return parsed(asked.page)
  }
  await write('a', 'b')
  t.match(await pageOfTwo(), { nextOffset: 3, hasMore: false })
  await write('c')
  t.match(await pageOfTwo(), { nextOffset: 3, hasMore: true })
})

t.test('the next page is read before it is asked for', async (t) => {
  const { ledger, ask, settle, write } = feedFixture()
  await write(...Array.from({ length: 2000 }, (_, index) => `k${index % 7}`))
  ledger.reads = 0
  ask({ limit: 512 })
  await settle()
  t.equal(ledger.reads, 2)
  const next = ask({ offset: 513, limit: 512 })
  await settle()
  t.equal(parsed(next.page).count, 512)
  t.equal(ledger.reads, 3, 'one page ahead')
  ask({ offset: 1025, limit: 512 })
  await settle()
  t.equal(ledger.reads, 4)
  ask({ offset: 1537, limit: 512 })
  await settle()
  t.equal(ledger.reads, 4, 'and not beyond the end')
})

t.test('a filter looks at 10,000 events for a page, and never at one again', async (t) => {
  const { ledger, time, ask, settle, write } = feedFixture()
  await write('rare', ...Array.from({ length: 12_000 }, (_, index) => `k${index % 7}`), 'rare')
  const filter = { productId: 'rare' }
  const first = ask({ filter, waitMs: 1000 })
  await settle(100)
  t.same({ ...parsed(first.page), events: [] }, { events: [], nextOffset: 10_001, hasMore: true, count: 1 })
  const none = ask({ filter, offset: 2, limit: 5, waitMs: 1000 })
  await settle(100)
  t.same(
    parsed(none.page),
    { events: [], nextOffset: 10_002, hasMore: true, count: 0 },
    'though it might wait'
  )
  const second = ask({ filter, offset: 10_002, waitMs: 60_000 })
  await settle(100)
  t.strictSame(inShort(second.page), ['12002 rare'])

  const waiting = ask({ filter, offset: 12_003, waitMs: 60_000 })
  for (let round = 0; round < 20; round += 1) {
    await write('k1')
    await settle(100)
  }
  t.equal(waiting.page, undefined)
  t.equal(time.timers, 1, 'nothing is under way but its time to wait')
  ledger.reads = 0
  await write('k1', 'rare')
  await settle(100)
  t.strictSame(inShort(waiting.page), ['12024 rare'])
  t.equal(ledger.reads, 1)
})

/** As one that shares its log with other processes: it knows what they have written only when it is asked to read. */
class SharedLedger extends WatchedLedger {
  #known = 0

  override async read(from: number, limit: number) {
    this.#known = super.health().sequence
    return super.read(from, limit)
  }

  override health(): LedgerHealth {
    return { ...super.health(), sequence: this.#known }
  }
}

t.test('a page shows whatever was written before it was asked for, by any process', async (t) => {
  const ledger = new SharedLedger()
  const feed = new Feed({
    ledger,
    time: processTime,
    heartbeatMs: 1000,
    limits: { perClientMax: 10, max: 10 }
  })
  const ask = (waitMs: number, limit = 100, filter: FeedFilter = {}) =>
    new Promise<string[]>((resolve, reject) => {
      feed.ask(
        { offset: 1, limit, waitMs, filter },
        { answer: (page) => resolve(inShort(page)), fail: reject }
      )
    })
  const write = (sku: string) =>
    ledger.execute({
      at: 1,
      atomic: false,
      lines: [{ command: { type: 'adjust', storeId: 'S', sku, delta: 1 } }]
    })
  await write('a')
  t.strictSame(await ask(0), ['1 a'])
  await write('b')
  t.strictSame(await ask(1000), ['1 a', '2 b'], 'also one that could have waited')
  for (const sku of ['b', 'b', 'b', 'b']) await write(sku)
  t.equal((await ask(0)).length, 6)
  await write('a')
  t.strictSame(await ask(0, 3, { productId: 'a' }), ['1 a', '7 a'], 'and one with a filter')
})

t.test('what is no longer kept is an error that says what is', async (t) => {
  const { ask, settle, write } = feedFixture({ eventsKeptMax: 10 })
  await write(...Array.from({ length: 25 }, (_, index) => `k${index}`))
  const tooOld = ask({ offset: 15, limit: 5 })
  const oldest = ask({ offset: 16, limit: 5 })
  const waiting = ask({ offset: 15, waitMs: 1000 })
  await settle(100)
  for (const { error } of [tooOld, waiting]) {
    t.ok(error instanceof EventsGoneError)
    t.match(error, { oldestSequence: 16 })
  }
  t.strictSame(inShort(oldest.page), ['16 k15', '17 k16', '18 k17', '19 k18', '20 k19'])
  await write('k25')
  const sinceGone = ask({ offset: 16, limit: 5 })
  await settle()
  t.ok(sinceGone.error instanceof EventsGoneError, 'also where it is still at hand')
})
