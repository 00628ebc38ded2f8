import t, { type Test } from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { MemorySyncStore } from '../../../adapters/sync/memory-sync-store.ts'
import type { Apply } from '../../../adapters/sync/sync-pass.ts'
import { openSynchronizer, type SynchronizerOptions } from '../../../adapters/sync/synchronizer.ts'
import { ManualClock, until } from './manual-clock.ts'
import { adjust } from './stock.ts'

const intervalMs = 15_000

async function start(t: Test, options: Partial<SynchronizerOptions> = {}) {
  const ledger = new MemoryLedger()
  const store = new MemorySyncStore()
  const clock = new ManualClock()
  const failures: unknown[] = []
  const sync = await openSynchronizer({
    ledger,
    store,
    now: () => clock.now,
    timer: clock.timer,
    worker: 'all',
    intervalMs,
    retryTimes: 2,
    retryBaseMs: 1,
    saveEveryEvents: 100,
    onFailure: (error) => failures.push(error),
    ...options
  })
  t.teardown(() => sync.close())
  return { ledger, store, clock, sync, failures }
}

/** The event `sequence` fails as often as is said, then it is applied. */
function poison(sequence: number, times: number): { apply: Apply; attempts: () => number } {
  let attempts = 0
  const apply: Apply = (event, take) => {
    if (event.sequence === sequence) {
      attempts += 1
      if (attempts <= times) throw new Error(`poison ${attempts}`)
    }
    take()
  }
  return { apply, attempts: () => attempts }
}

t.test('the worker wakes on each event, without any time going by', async (t) => {
  const { ledger, store, sync, clock } = await start(t)
  const sequence = await adjust(ledger, 'S1', 'A', 5)
  await until(async () => (await store.progress())?.sequence === sequence)
  t.match(await sync.stock('A', {}), { stock: { total: 5 }, isReached: true, sequence })
  t.match(await sync.status(), {
    isRunning: true,
    intervalMs,
    lastSequence: 1,
    logSequence: 1,
    lagMs: 0,
    lastRunAt: clock.now
  })
})

t.test('a pass is made each interval though nothing happens', async (t) => {
  let passes = 0
  const chores = [async () => void (passes += 1)]
  const { clock } = await start(t, { chores })
  await until(() => passes === 1)
  for (const expected of [2, 3]) {
    clock.pass(intervalMs - 1)
    t.equal(passes, expected - 1)
    clock.pass(1)
    await until(() => passes === expected)
  }
})

t.test('stopped, it makes only the passes that are asked for', async (t) => {
  const { ledger, sync, clock } = await start(t)
  await sync.stop()
  await sync.stop()
  clock.now += 70
  await adjust(ledger, 'S1', 'A', 5, clock.now)
  clock.pass(100)
  clock.pass(10 * intervalMs)
  t.match(await sync.status(), {
    isRunning: false,
    isStopped: true,
    lastSequence: 0,
    logSequence: 1,
    lagMs: 100 + 10 * intervalMs
  })
  t.match(await sync.health(), { status: 'stopped', lag: 1 })
  t.strictSame(await sync.stock('A', { minSequence: 1 }), { sequence: 0, isReached: false })
  t.strictSame(await sync.pass(), { applied: 1, deadLettered: 0, sequence: 1 })
  t.strictSame(await sync.pass(), { applied: 0, deadLettered: 0, sequence: 1 })
  await adjust(ledger, 'S1', 'A', 5)
  await sync.start(100)
  await sync.start(200)
  await until(async () => (await sync.status()).lastSequence === 2)
  t.match(await sync.status(), { isRunning: true, intervalMs: 200 })
  await sync.start()
  t.match(await sync.status(), { isRunning: true, intervalMs })
})

t.test('a reader gets its own write, or is told at once that nobody can have it', async (t) => {
  const { ledger, sync, clock } = await start(t)
  const sequence = await adjust(ledger, 'S1', 'A', 5)
  t.match(await sync.stock('A', { minSequence: sequence }), { isReached: true, stock: { total: 5 } })
  t.match(await sync.stock('A', { minSequence: sequence + 1 }), { isReached: false, sequence })
  t.match(await sync.stocks(undefined, 10, { minSequence: Number.MAX_SAFE_INTEGER }), { isReached: false })
  t.ok(clock.now)
})

t.test('a reader waits for so long and no longer', async (t) => {
  let isHeld = false
  let release = (): void => undefined
  const chores = [() => (isHeld ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve())]
  const { ledger, sync, clock } = await start(t, { chores })
  await sync.pass()
  isHeld = true
  const first = await adjust(ledger, 'S1', 'A', 5)
  await until(async () => (await sync.stock('A', {})).sequence === first)
  const second = await adjust(ledger, 'S1', 'A', 5)
  const before = clock.waiting
  const reading = sync.stock('A', { minSequence: second })
  await until(() => clock.waiting > before)
  clock.pass(2000)
  t.match(await reading, { isReached: false, sequence: first, stock: { total: 5 } })
  isHeld = false
  release()
  t.match(await sync.stock('A', { minSequence: second }), { isReached: true, stock: { total: 10 } })
})

t.test('an event that fails now and then is applied in the end', async (t) => {
  const { apply, attempts } = poison(2, 2)
  const { ledger, sync } = await start(t, { apply })
  for (const delta of [1, 2, 4]) await adjust(ledger, 'S1', 'A', delta)
  t.match(await sync.stock('A', { minSequence: 3 }), { stock: { total: 7 } })
  t.equal(attempts(), 3)
  t.strictSame(await sync.deadLetters(0, 10), { letters: [], hasMore: false, total: 0 })
})

t.test('an event that cannot be applied is put aside, and the rest goes on', async (t) => {
  const { apply, attempts } = poison(2, Infinity)
  const { ledger, sync, clock } = await start(t, { apply })
  await sync.stop()
  for (const [sku, delta] of [
    ['A', 1],
    ['A', 2],
    ['B', 4]
  ] as const)
    await adjust(ledger, 'S1', sku, delta)
  t.strictSame(await sync.pass(), { applied: 2, deadLettered: 1, sequence: 3 })
  t.equal(attempts(), 3)
  const { letters, total } = await sync.deadLetters(0, 10)
  t.equal(total, 1)
  t.match(letters, [
    { id: '2', event: { sequence: 2, event: { sku: 'A', qty: 3 } }, reason: 'poison 3', attempts: 3 }
  ])
  t.match((await sync.stock('A', {})).stock, { total: 1 }, 'what is known of it')
  t.match((await sync.stock('B', {})).stock, { total: 4 }, 'the rest went on')

  clock.now += 5
  t.strictSame(await sync.retry('2'), { outcome: 'failed', reason: 'poison 4' })
  t.match((await sync.deadLetters(0, 10)).letters, [{ attempts: 4, lastFailedAt: clock.now }])
  await adjust(ledger, 'S1', 'A', 10)
  t.match(await sync.pass(), { applied: 1, deadLettered: 0 })
  t.match((await sync.stock('A', {})).stock, { total: 13 }, 'the next event says what the record holds')
})

t.test('a dead letter is retried, superseded or given up, once', async (t) => {
  const poisoned = poison(1, 3)
  const { ledger, sync } = await start(t, { apply: poisoned.apply })
  await sync.stop()
  await adjust(ledger, 'S1', 'A', 1)
  await sync.pass()
  t.strictSame(await sync.retry('1'), { outcome: 'applied' })
  t.match((await sync.stock('A', {})).stock, { total: 1 })
  t.equal(await sync.retry('1'), undefined)
  t.equal(await sync.discard('1'), false)
  for (const id of ['0', '01', '-1', '1e3', 'x', '99999999999999999']) {
    t.equal(await sync.retry(id), undefined)
    t.equal(await sync.discard(id), false)
  }
})

t.test('a later event supersedes a dead letter', async (t) => {
  const { ledger, sync } = await start(t, { apply: poison(1, 3).apply })
  await sync.stop()
  await adjust(ledger, 'S1', 'A', 1)
  await sync.pass()
  await adjust(ledger, 'S1', 'A', 1)
  t.strictSame(await sync.retry('1'), { outcome: 'superseded' })
  t.match((await sync.stock('A', {})).stock, { total: 2 })
  t.equal((await sync.deadLetters(0, 10)).total, 0)
})

t.test('a dead letter that is given up is gone, and its event left out', async (t) => {
  const { ledger, sync } = await start(t, { apply: poison(1, Infinity).apply })
  await sync.stop()
  await adjust(ledger, 'S1', 'A', 1)
  await sync.pass()
  t.equal(await sync.discard('1'), true)
  t.strictSame(await sync.pass(), { applied: 0, deadLettered: 0, sequence: 1 })
  t.equal((await sync.stock('A', {})).stock, undefined)
})

t.test('pages of dead letters', async (t) => {
  const apply: Apply = () => {
    throw new Error('no')
  }
  const { ledger, sync } = await start(t, { apply, retryTimes: 0 })
  await sync.stop()
  for (const sku of ['A', 'B', 'C']) await adjust(ledger, 'S1', sku, 1)
  t.match(await sync.pass(), { applied: 0, deadLettered: 3 })
  const first = await sync.deadLetters(0, 2)
  t.match([first.letters.map(({ id }) => id), first.hasMore, first.total], [['1', '2'], true, 3])
  const second = await sync.deadLetters(2, 2)
  t.match([second.letters.map(({ id }) => id), second.hasMore], [['3'], false])
})

t.test('a pass that fails is told, and tried again after a pause', async (t) => {
  let fails = true
  const chores = [() => (fails ? Promise.reject(new Error('no disk')) : Promise.resolve())]
  const { sync, clock, failures } = await start(t, { chores })
  await until(() => failures.length === 1)
  t.match(await sync.status(), { failure: 'no disk' })
  t.match(await sync.health(), { status: 'failed' })
  clock.pass(200)
  await until(() => failures.length === 2)
  fails = false
  clock.pass(400)
  await until(async () => (await sync.health()).status === 'running')
  t.notOk((await sync.status()).failure)
})

t.test('closed, it refuses', async (t) => {
  const { ledger, sync } = await start(t)
  await adjust(ledger, 'S1', 'A', 1)
  await sync.close()
  await sync.close()
  for (const call of [() => sync.pass(), () => sync.start(), () => sync.stop()]) {
    await t.rejects(Promise.resolve(call()), { name: 'SyncError', code: 'closed' })
  }
})
