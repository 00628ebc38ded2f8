// What has expired is written down once, whichever process comes first, and nothing else is, whatever the clocks do.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { sweepExpired } from '../../../adapters/sync/expiry-sweep.ts'
import { passOnce } from '../../../adapters/sync/worker-process.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import { LedgerError, type Ledger } from '../../../domain/ledger.ts'
import { adjust, commit, extend, reserve, separate, storeId } from '../../domain/units.ts'
import { holdsAsynchronously } from '../../domain/property.ts'
import { carryOut, feed, look, stock } from '../ledger/asking.ts'

const running = new AbortController().signal
const sweep = (ledger: Ledger, at: number) => sweepExpired(ledger, () => at, running)
const expiries = async (ledger: Ledger) =>
  (await feed(ledger)).flatMap(({ event }) => (event.type === 'expired' ? [event.reservationId] : []))

async function twoLedgers() {
  const fileSystem = new MemoryFileSystem()
  const open = () => openWalLedger({ dataFolder: '/data', fileSystem })
  return [await open(), await open()] as const
}

t.test('two ledgers on one folder that sweep at once write one event for each reservation', async (t) => {
  const [one, other] = await twoLedgers()
  const skus = Array.from({ length: 40 }, (_, index) => `sku-${index}`)
  await stock(one, Object.fromEntries(skus.map((sku) => [sku, 10])))
  await one.execute(
    separate(skus.flatMap((sku) => [reserve(sku, 1, `${sku}-1`, 500), reserve(sku, 2, `${sku}-2`, 600)]))
  )
  await one.execute(separate(skus.map((sku) => reserve(sku, 3, `${sku}-3`, 5000))))
  await Promise.all([sweep(one, 1000), sweep(other, 900), sweep(one, 1000), sweep(other, 1000)])
  for (const ledger of [one, other]) {
    const found = await expiries(ledger)
    t.equal(found.length, 80)
    t.strictSame([...new Set(found)].sort(), skus.flatMap((sku) => [`${sku}-1`, `${sku}-2`]).sort())
    t.equal(await look(ledger, 'sku-7', 0), '7+3 v6')
    t.equal(await sweep(ledger, 4999), 0, 'and nothing more is due')
  }
  t.equal((await feed(one)).find(({ event }) => event.type === 'expired')?.actor, 'expiry sweep')
  await Promise.all([one.close(), other.close()])
})

t.test('a resolution and a sweep at once: one of them wins', async (t) => {
  const [one, other] = await twoLedgers()
  for (let round = 0; round < 10; round += 1) {
    const sku = `sku-${round}`
    await stock(one, { [sku]: 10 })
    await carryOut(one, reserve(sku, 4, 'r-1', 1000))
    // The clock of who commits is behind that of who sweeps.
    const [outcome] = await Promise.all([
      one.execute(separate([commit(sku, 'r-1')], { at: 999 })),
      sweep(other, 1000)
    ])
    const isCommitted = outcome.kind === 'answered' && outcome.answer.results[0]?.applied === true
    t.equal(await look(other, sku, 0), isCommitted ? '6+0 v3' : '10+0 v3')
    t.equal(await look(one, sku, 0), await look(other, sku, 0))
    if (isCommitted) continue
    t.match(outcome, { answer: { results: [{ refusal: { ended: { status: 'expired', at: 1000 } } }] } })
  }
  await Promise.all([one.close(), other.close()])
})

t.test('clocks that jump: an expiry is final once it is written, and never before its time', async (t) => {
  const steps = fc.array(
    fc.record({
      which: fc.constantFrom(0, 1),
      kind: fc.constantFrom('reserve', 'reserve', 'commit', 'extend', 'take', 'sweep', 'sweep'),
      at: fc.nat(1000),
      pick: fc.nat(20)
    }),
    { maxLength: 25, size: 'max' }
  )
  const property = fc.asyncProperty(steps, async (walked) => {
    const ledgers = await twoLedgers()
    await stock(ledgers[0], { a: 20 })
    for (const [index, { which, kind, at, pick }] of walked.entries()) {
      const ledger = ledgers[which]
      const id = `r-${pick % (index + 1)}`
      const seen = await ledger.get(storeId, 'a', at)
      if (kind === 'sweep') await sweep(ledger, at)
      else if (kind === 'reserve')
        await ledger.execute(separate([reserve('a', 2, `r-${index}`, at + 200)], { at }))
      else if (kind === 'commit') await ledger.execute(separate([commit('a', id)], { at }))
      else if (kind === 'extend') await ledger.execute(separate([extend('a', id, at + 300)], { at }))
      else if (seen !== undefined && seen.qty > 0) {
        // Whatever a reader was told is free at an instant can be taken at it, by any process.
        const taken = await ledgers[1 - which]!.execute(separate([adjust('a', -seen.qty)], { at }))
        assert.deepEqual(taken.kind === 'answered' && taken.answer.results[0]?.applied, true)
        await ledger.execute(separate([adjust('a', seen.qty)], { at }))
      }
    }
    requireFinal(await feed(ledgers[0]))
    assert.deepEqual(await feed(ledgers[1]), await feed(ledgers[0]))
    await Promise.all(ledgers.map((ledger) => ledger.close()))
  })
  await holdsAsynchronously(t, 'over random work of two processes', property, 60)
})

function requireFinal(events: Awaited<ReturnType<typeof feed>>): void {
  const open = new Map<string, { units: number; expiresAt: number }>()
  for (const { at, event } of events) {
    assert.ok(event.qty >= 0)
    if ('units' in event) {
      const { reservationId: id, type, units } = event
      const held = open.get(id)
      if (type === 'reserved') open.set(id, { units, expiresAt: event.expiresAt ?? Infinity })
      else if (held === undefined) assert.fail(`${id} is ${type} after its end`)
      else if (type === 'extended') held.expiresAt = event.expiresAt
      else {
        assert.equal(held.expiresAt <= at, type === 'expired')
        open.delete(id)
      }
    }
    assert.equal(
      event.reserved,
      [...open.values()].reduce((sum, { units }) => sum + units, 0)
    )
  }
}

t.test('it is bounded work, in the order of the expiries, and ends when it is told to', async (t) => {
  const ledger = new MemoryLedger()
  await stock(ledger, { a: 1000, b: 1 })
  const many = Array.from({ length: 150 }, (_, index) => reserve('a', 1, `r-${index}`, 500 + index))
  await ledger.execute(separate([...many, reserve('b', 1, 'last', 900)]))
  const ended = new AbortController()
  let looks = 0
  const once = () => {
    looks += 1
    ended.abort()
    return 1000
  }
  t.equal(await sweepExpired(ledger, once, ended.signal), 2)
  t.equal(looks, 1)
  const first = await expiries(ledger)
  t.strictSame(first, [...many.slice(0, 64).map(({ reservationId }) => reservationId), 'last'])
  t.equal(await sweep(ledger, 1000), 2, 'the rest in two rounds')
  t.equal((await expiries(ledger)).length, 151)
  t.equal(await look(ledger, 'a', 0), '1000+0 v301')
})

t.test('a ledger that takes no writes is left alone', async (t) => {
  const ledger = new MemoryLedger()
  await stock(ledger, { a: 5 })
  await carryOut(ledger, reserve('a', 1, 'r-1', 500))
  const refusing = (error: Error) =>
    Object.assign(Object.create(ledger) as Ledger, {
      due: () => ledger.due(1000, 9),
      health: () => ledger.health(),
      execute: () => Promise.reject(error)
    })
  t.equal(await sweep(refusing(new LedgerError('queue_full', 'full')), 1000), 1)
  await t.rejects(sweep(refusing(new Error('a fault')), 1000), { message: 'a fault' })
  const readOnly = Object.assign(refusing(new Error('not to be asked')), {
    health: () => ({ ...ledger.health(), status: 'read_only' as const })
  })
  t.equal(await sweep(readOnly, 1000), 0)
  t.strictSame(await expiries(ledger), [])
})

t.test('one pass of a worker on a folder writes it down, and the central model has it', async (t) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'bincard-sweep-'))
  t.teardown(() => rmSync(dataFolder, { recursive: true }))
  const ledger = await openWalLedger({ dataFolder })
  await stock(ledger, { a: 5 })
  await carryOut(ledger, reserve('a', 2, 'r-1', 500))
  const settings = {
    role: 'worker',
    intervalMs: 1000,
    snapshotEveryEvents: 1,
    retryBaseMs: 1,
    retryTimes: 0,
    breakerThreshold: 0.5,
    breakerCooldownMs: 10_000
  } as const
  const line = await passOnce({ ...settings, dataFolder }, () => undefined)
  t.match(line, /Applied 3 events.*at event 3/)
  t.strictSame(await expiries(ledger), ['r-1'])
  t.match(await passOnce({ ...settings, dataFolder }, () => undefined), /Applied 0 events/)
  await ledger.close()
})
