import t from 'tap'
import { feedFixture, inShort, parsed } from './fixture.ts'

t.test('5,000 who wait cost one wait of the ledger and one timer, and share one page', async (t) => {
  const { ledger, time, feed, ask, settle, write } = feedFixture()
  const asked = Array.from({ length: 5000 }, () => ask({ waitMs: 60_000 }))
  await settle(30_000)
  t.equal(feed.waiting, 5000)
  t.equal(time.timers, 1)
  t.strictSame([ledger.reads, ledger.waits], [0, 1], 'nothing is asked for again and again')
  await write('a')
  await settle(200)
  t.strictSame([...new Set(asked.map(({ page }) => page?.body))].length, 1)
  t.strictSame(inShort(asked[4999]!.page), ['1 a'])
  t.equal(ledger.reads, 1)
  t.equal(feed.waiting, 0)
  t.equal(time.timers, 0)
  t.equal(ledger.waiting, 0)
})

t.test('the first event is told at once, those that follow in rounds', async (t) => {
  const { ask, settle, write } = feedFixture()
  const first = ask({ waitMs: 1000 })
  await write('a')
  await settle()
  t.strictSame(inShort(first.page), ['1 a'])
  const second = ask({ offset: 2, waitMs: 1000 })
  await write('b')
  await settle(10)
  await write('c')
  await settle(9)
  t.equal(second.page, undefined)
  await settle(1)
  t.strictSame(inShort(second.page), ['2 b', '3 c'])
})

t.test('the next round begins when everybody in the one before is served', async (t) => {
  const { time, ask, settle, write } = feedFixture()
  // More than are served at a stretch.
  const asked = Array.from({ length: 100 }, () => ask({ waitMs: 1000 }))
  await write('a')
  await new Promise((resolve) => setImmediate(resolve))
  t.ok(asked.some(({ page }) => page === undefined))
  await write('b')
  time.spend(30)
  const next = ask({ offset: 2, waitMs: 1000 })
  t.equal(next.page, undefined)
  await settle(20)
  for (const { page } of asked) t.strictSame(inShort(page), ['1 a'], 'all go on from the same offset')
  t.strictSame(inShort(next.page), ['2 b'])
})

t.test('one who comes near the end waits for a full page or the next round', async (t) => {
  const { ask, settle, write } = feedFixture()
  await write('a', 'b', 'c')
  const full = ask({ limit: 2, waitMs: 1000 })
  const rest = ask({ offset: 3, limit: 2, waitMs: 1000 })
  await settle()
  t.strictSame(inShort(full.page), ['1 a', '2 b'])
  t.strictSame(inShort(rest.page), ['3 c'], 'at once where there was none in the last 20 ms')
  t.equal(parsed(rest.page).hasMore, false)
})

t.test('an offset beyond the end is waited for, and nothing before it is answered', async (t) => {
  const { feed, ask, settle, write } = feedFixture()
  const asked = ask({ offset: 3, waitMs: 1000 })
  await write('a', 'b')
  await settle(100)
  t.equal(asked.page, undefined)
  t.equal(feed.waiting, 1)
  await write('c')
  await settle(100)
  t.strictSame(inShort(asked.page), ['3 c'])
  const inVain = ask({ offset: 1000, waitMs: 1000 })
  await settle(1100)
  t.same(parsed(inVain.page), { events: [], nextOffset: 1000, hasMore: false, count: 0 })
})

t.test('when the time is over, the answer is what there is', async (t) => {
  const { time, feed, ask, settle } = feedFixture()
  const asked = ask({ waitMs: 2000 })
  await settle(1990)
  t.equal(asked.page, undefined)
  await settle(110)
  t.same(parsed(asked.page), { events: [], nextOffset: 1, hasMore: false, count: 0 })
  t.equal(feed.waiting, 0)
  t.equal(time.timers, 0)
})

t.test('one who leaves is forgotten at once', async (t) => {
  const { ledger, time, feed, ask, settle, write } = feedFixture()
  const asked = Array.from({ length: 100 }, () => ask({ waitMs: 1000 }))
  t.equal(feed.waiting, 100)
  for (const { forget } of asked) forget()
  t.equal(feed.waiting, 0)
  t.equal(time.timers, 0)
  await settle()
  t.equal(ledger.waiting, 0, 'and the ledger is not waited for')
  const others = [ask({ waitMs: 1000 }), ask({ waitMs: 1000 })]
  await write('a')
  others[0]!.forget()
  await settle(100)
  t.equal(others[0]!.page, undefined)
  t.strictSame(inShort(others[1]!.page), ['1 a'])
  t.ok(asked.every(({ page, error }) => page === undefined && error === undefined))
})

t.test('when the feed closes, whoever waits is answered, and nobody waits any more', async (t) => {
  const { time, feed, ask, settle, write } = feedFixture()
  await write('a')
  const asked = [
    ask({ offset: 2, waitMs: 60_000 }),
    ask({ offset: 2, waitMs: 60_000, filter: { productId: 'x' } }),
    ask({ offset: 1, waitMs: 60_000, filter: { productId: 'x' } })
  ]
  await settle(100)
  t.equal(feed.waiting, 3)
  void feed.close()
  for (const { page } of asked) {
    t.same(parsed(page), { events: [], nextOffset: 2, hasMore: false, count: 0 })
  }
  const late = ask({ offset: 2, waitMs: 60_000 })
  await settle()
  t.same(parsed(late.page).events, [])
  const early = ask({ offset: 1, waitMs: 60_000 })
  await settle()
  t.strictSame(inShort(early.page), ['1 a'])
  t.equal(time.timers, 0)
})

t.test('when the ledger closes, whoever waits is told', async (t) => {
  const { ledger, feed, ask, settle } = feedFixture()
  const asked = ask({ waitMs: 60_000 })
  await settle()
  await ledger.close()
  await settle()
  t.match(asked.error, { code: 'closed' })
  t.equal(feed.waiting, 0)
})
