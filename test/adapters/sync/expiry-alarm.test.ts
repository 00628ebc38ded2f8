// What has expired is written down soon after, without anything else that would wake the worker.
import t, { type Test } from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { BETWEEN_EXPIRIES_MS, ExpiryAlarm } from '../../../adapters/sync/expiry-alarm.ts'
import { MemorySyncStore } from '../../../adapters/sync/memory-sync-store.ts'
import { openSynchronizer } from '../../../adapters/sync/synchronizer.ts'
import type { Command } from '../../../domain/commands.ts'
import type { Ledger } from '../../../domain/ledger.ts'
import { reserve, release, separate } from '../../domain/units.ts'
import { feed, stock } from '../ledger/asking.ts'
import { ManualClock, until } from './manual-clock.ts'

const intervalMs = 3_600_000

async function start(t: Test, skus: Record<string, number>) {
  const ledger = new MemoryLedger()
  await stock(ledger, skus)
  const store = new MemorySyncStore()
  const clock = new ManualClock()
  const world = { aheadMs: 0, passes: 0 }
  const now = (): number => clock.now + world.aheadMs
  const sync = await openSynchronizer({
    ledger,
    store,
    now,
    timer: clock.timer,
    worker: 'all',
    intervalMs,
    retryTimes: 0,
    retryBaseMs: 1,
    saveEveryEvents: 100,
    observer: {
      passMade: () => (world.passes += 1),
      deadLettered: () => undefined,
      snapshotWritten: () => undefined
    }
  })
  t.teardown(() => sync.close())
  // Every event has been passed, and the worker waits for what comes next.
  const settled = (): Promise<void> =>
    until(async () => (await store.progress())?.sequence === ledger.health().sequence && clock.waiting === 1)
  return {
    ledger,
    world,
    now,
    settled,
    write: async (...commands: Command[]) => {
      await ledger.execute(separate(commands, { at: now() }))
      await settled()
    },
    pass: async (delayMs: number) => {
      const { passes } = world
      clock.pass(delayMs)
      await settled()
      return world.passes - passes
    },
    expired: async () =>
      (await feed(ledger)).flatMap(({ event }) => (event.type === 'expired' ? [event.reservationId] : []))
  }
}

t.test('at its time, also where a sooner one comes after a later one', async (t) => {
  const { now, write, pass, expired } = await start(t, { a: 10, b: 10 })
  await write(reserve('a', 1, 'late', now() + 60_000))
  await write(reserve('b', 1, 'soon', now() + 2000), reserve('b', 1, 'never'))
  t.equal(await pass(1999), 0)
  t.strictSame(await expired(), [])
  await pass(1)
  t.strictSame(await expired(), ['soon'])
  t.equal(await pass(57_999), 0, 'and nothing is looked at in between')
  await pass(1)
  t.strictSame(await expired(), ['soon', 'late'])
  t.equal(await pass(intervalMs - 1), 0)
})

t.test('what was resolved wakes nobody', async (t) => {
  const { now, write, pass } = await start(t, { a: 10 })
  await write(reserve('a', 1, 'r-1', now() + 2000))
  await write(release('a', 'r-1'))
  t.equal(await pass(intervalMs - 1), 0)
})

t.test('many that expire one after the other are one sweep', async (t) => {
  const skus = Array.from({ length: 40 }, (_, index) => `sku-${index}`)
  const { now, write, pass, expired } = await start(t, Object.fromEntries(skus.map((sku) => [sku, 5])))
  const first = now() + 1000
  await write(...skus.map((sku, index) => reserve(sku, 1, `${sku}-r`, first + index)))
  t.equal(await pass(1000), 1)
  t.equal(await pass(BETWEEN_EXPIRIES_MS), 1)
  t.equal((await expired()).length, 40)
})

t.test('a clock that is set back or ahead', async (t) => {
  const { world, now, write, pass, expired } = await start(t, { a: 10 })
  await write(reserve('a', 1, 'r-1', now() + 5000))
  world.aheadMs = -10_000
  t.equal(await pass(5000), 1, 'it looks at the clock')
  t.strictSame(await expired(), [])
  t.equal(await pass(9999), 0)
  await pass(1)
  t.strictSame(await expired(), ['r-1'])
  await write(reserve('a', 1, 'r-2', now() + 5000))
  world.aheadMs = 1_000_000
  await pass(5000)
  t.strictSame(await expired(), ['r-1', 'r-2'])
})

t.test('what cannot be written is left to the interval, what is left over comes soon', async (t) => {
  const facts = { expiresAt: 1000, sequence: 7 }
  const ledger = {
    due: () => Promise.resolve([{ storeId: 'S', sku: 'A', expiresAt: facts.expiresAt }]),
    health: () => ({ sequence: facts.sequence })
  } as unknown as Ledger
  const alarm = new ExpiryAlarm(ledger, () => 1000)
  t.equal(await alarm.dueIn(), BETWEEN_EXPIRIES_MS)
  t.equal(await alarm.dueIn(), undefined, 'nothing was written in between')
  facts.sequence = 9
  t.equal(await alarm.dueIn(), BETWEEN_EXPIRIES_MS)
  facts.expiresAt = 1700
  t.equal(await alarm.dueIn(), 700)
})
