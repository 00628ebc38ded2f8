import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FolderSyncStore } from '../../../adapters/sync/folder-sync-store.ts'
import { LostRightError } from '../../../adapters/sync/sync-store.ts'
import type { Apply } from '../../../adapters/sync/sync-pass.ts'
import { openSynchronizer, type SynchronizerOptions } from '../../../adapters/sync/synchronizer.ts'
import { openSyncWorker } from '../../../adapters/sync/sync-worker.ts'
import { seedFromSnapshot } from '../../../adapters/sync/snapshot-seed.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import { verify } from '../../../adapters/verification/verification.ts'
import { until } from './manual-clock.ts'
import { adjust } from './stock.ts'
import { ownFolder } from '../../processes/own-folder.ts'

async function openLedger(t: Test, dataFolder: string, segmentBytesMax = 64 * 1024 * 1024) {
  const ledger = await openWalLedger({ dataFolder, segmentBytesMax })
  t.teardown(() => ledger.close())
  return ledger
}

/** The synchronization in one process on the folder, whose passes are made when the test says so. */
async function open(t: Test, dataFolder: string, options: Partial<SynchronizerOptions> = {}) {
  const damage: string[] = []
  const ledger = options.ledger ?? (await openLedger(t, dataFolder))
  const store = await FolderSyncStore.open(dataFolder, ({ message }) => damage.push(message))
  const sync = await openSynchronizer({
    ledger,
    store,
    now: Date.now,
    worker: undefined,
    intervalMs: 15_000,
    retryTimes: 0,
    retryBaseMs: 1,
    saveEveryEvents: 1,
    ...options
  })
  t.teardown(() => sync.close())
  return { ledger, store, sync, damage }
}

const files = (dataFolder: string, pattern: RegExp): string[] => {
  const names = readdirSync(join(dataFolder, 'sync'), { recursive: true }) as string[]
  return names.filter((name) => pattern.test(name)).map((name) => join(dataFolder, 'sync', name))
}

const failing =
  (...sequences: number[]): Apply =>
  (event, take) => {
    if (sequences.includes(event.sequence)) throw new Error('poison')
    take()
  }

t.test('what a pass has come to is there for the next process', async (t) => {
  const folder = ownFolder(t)
  const first = await open(t, folder)
  await adjust(first.ledger, 'S1', 'A', 5)
  await adjust(first.ledger, 'S2', 'A', 7)
  await first.sync.pass()
  t.match(await first.sync.status(), { checkpoint: 2, lastSequence: 2 })
  await first.sync.close()
  const second = await open(t, folder, {
    apply: () => {
      throw new Error('nothing is to be applied again')
    }
  })
  t.match(await second.sync.stock('A', {}), { sequence: 2, stock: { total: 12 } })
  t.strictSame(await second.sync.pass(), { applied: 0, deadLettered: 0, sequence: 2 })
})

t.test('a damaged model is found and made again from the log', async (t) => {
  for (const pattern of [/checkpoint-/, /model\/.+/]) {
    const folder = ownFolder(t)
    const first = await open(t, folder)
    await adjust(first.ledger, 'S1', 'A', 5)
    await first.sync.pass()
    await first.sync.close()
    const [path = ''] = files(folder, pattern)
    const bytes = readFileSync(path)
    const at = bytes.length - 5
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(path, bytes)
    t.match((await verify(folder)).differences, [/checksum does not fit/])
    const second = await open(t, folder)
    t.match(await second.sync.pass(), { applied: 1, sequence: 1 })
    t.match(second.damage, [/checksum does not fit/])
    t.match(await second.sync.stock('A', {}), { stock: { total: 5 } })
    t.strictSame((await verify(folder)).differences, [])
  }
})

t.test(
  'a crash between the dead letter and the model: the letter is there once, the event left out once',
  async (t) => {
    const folder = ownFolder(t)
    const first = await open(t, folder, { apply: failing(2), saveEveryEvents: 1000 })
    for (const sku of ['A', 'A', 'B']) await adjust(first.ledger, 'S1', sku, 1)
    // The process dies before it saves anything but the letter.
    t.match(await first.sync.pass(), { applied: 2, deadLettered: 1 })
    const second = await open(t, folder, { saveEveryEvents: 1000 })
    t.equal((await second.store.load())?.sequence, undefined)
    t.match(await second.sync.pass(), { applied: 2, deadLettered: 0, sequence: 3 })
    t.match((await second.sync.deadLetters(0, 10)).letters, [{ id: '2', attempts: 1 }])
    t.match(await second.sync.stock('A', {}), { stock: { total: 1 } })
    t.strictSame(await second.sync.retry('2'), { outcome: 'applied' })
    t.match(await second.sync.stock('A', {}), { stock: { total: 2 } })
    t.match(await first.sync.stock('A', {}), { stock: { total: 2 } }, 'the other process goes on from that')
    const third = await open(t, folder)
    t.match(await third.sync.pass(), { applied: 0, deadLettered: 0 })
    t.equal((await third.sync.deadLetters(0, 10)).total, 0)
  }
)

t.test('a dead letter that was given up does not come back', async (t) => {
  const folder = ownFolder(t)
  const apply = failing(1)
  const first = await open(t, folder, { apply, saveEveryEvents: 1000 })
  await adjust(first.ledger, 'S1', 'A', 1)
  await first.sync.pass()
  t.equal(await first.sync.discard('1'), true)
  const second = await open(t, folder, { apply, saveEveryEvents: 1000 })
  t.match(await second.sync.pass(), { deadLettered: 0 })
  t.equal((await second.sync.deadLetters(0, 10)).total, 0)
  t.match((await verify(folder)).notes, [/does not vouch for \["S1","A"\]/])
})

t.test(
  'a process that only follows has what the passes of others came to, no more and no less',
  async (t) => {
    const folder = ownFolder(t)
    const passing = await open(t, folder, { apply: failing(2) })
    const following = await open(t, folder)
    for (const sku of ['A', 'A', 'B']) await adjust(passing.ledger, 'S1', sku, 1)
    t.match(await following.sync.stock('B', {}), { sequence: 0, stock: undefined })
    t.match(await following.sync.stock('B', { minSequence: 3 }), { isReached: false, sequence: 0 })
    await passing.sync.pass()
    t.match(await following.sync.stock('B', { minSequence: 3 }), { isReached: true, stock: { total: 1 } })
    t.match(
      await following.sync.stock('A', {}),
      { stock: { total: 1 } },
      'what was left out there is left out here'
    )
    await adjust(passing.ledger, 'S1', 'A', 1)
    t.match(await following.sync.stock('A', {}), { sequence: 3 })
    t.match(await following.sync.status(), { isRunning: false, lastSequence: 3, logSequence: 4 })
    t.match(await following.sync.health(), { status: 'absent', deadLetters: 1 })
    t.match(await following.sync.pass(), { applied: 1 })
    t.match(await passing.sync.stock('A', {}), { sequence: 4, stock: { total: 3 } })
  }
)

t.test('a damaged dead letter is a letter still', async (t) => {
  const folder = ownFolder(t)
  const { ledger, sync } = await open(t, folder, { apply: failing(1) })
  await adjust(ledger, 'S1', 'A', 1)
  await sync.pass()
  const [path = ''] = files(folder, /dead-letters\/.+/)
  writeFileSync(path, 'rotten')
  t.match((await sync.deadLetters(0, 10)).letters, [{ id: '1', reason: /damaged/, event: { sequence: 1 } }])
  t.match((await verify(folder)).differences, [/another format/])
  t.equal(await sync.discard('1'), true)
})

t.test('one pass at a time, and whoever lost its right writes nothing', async (t) => {
  const folder = ownFolder(t)
  const { store, ledger, sync } = await open(t, folder)
  await adjust(ledger, 'S1', 'A', 1)
  await sync.pass()
  const [before] = files(folder, /checkpoint-/)
  const other = await FolderSyncStore.open(folder, () => undefined)
  await store.exclusively(0, async (right) => {
    await t.rejects(
      other.exclusively(50, () => Promise.resolve()),
      { code: 'busy' }
    )
    // Another process took the lock over, as it does where its holder was stopped for long.
    writeFileSync(join(folder, 'sync', `epoch-${String(right.epoch + 1).padStart(16, '0')}`), '')
    await t.rejects(right.requireHeld(), LostRightError)
    const { CentralModel } = await import('../../../domain/central-model.ts')
    await t.rejects(store.save(new CentralModel(), '', right), LostRightError)
  })
  t.strictSame(files(folder, /checkpoint-/), [before])
  t.match(await sync.pass(), { sequence: 1 })
})

t.test('rebuilt, every process goes on from the new model', async (t) => {
  const folder = ownFolder(t)
  const poisoned = await open(t, folder, { apply: failing(1) })
  await adjust(poisoned.ledger, 'S1', 'A', 1)
  await poisoned.sync.pass()
  const rebuilding = await open(t, folder)
  t.match(await rebuilding.sync.rebuild(), { applied: 1, deadLettered: 0, sequence: 1 })
  t.match(await poisoned.sync.stock('A', {}), { stock: { total: 1 } })
  t.equal((await poisoned.sync.deadLetters(0, 10)).total, 0)
  t.strictSame((await verify(folder)).differences, [])
})

t.test('where the log no longer goes back, the model begins with a snapshot', async (t) => {
  const folder = ownFolder(t)
  const ledger = await openLedger(t, folder, 200)
  for (let count = 0; count < 20; count += 1) await adjust(ledger, 'S1', `K${count % 3}`, 1)
  await ledger.writeSnapshot()
  for (let count = 0; count < 20; count += 1) await adjust(ledger, 'S1', `K${count % 3}`, 1)
  await ledger.writeSnapshot()
  await ledger.retain(5, 40)
  t.ok(ledger.health().oldestSequence > 1)
  const { sync } = await open(t, folder, { ledger, seed: () => seedFromSnapshot(folder) })
  t.match(await sync.pass(), { sequence: 40 })
  t.strictSame(
    (await sync.stocks(undefined, 10, {})).items.map(({ sku, total }) => [sku, total]),
    [
      ['K0', 14],
      ['K1', 14],
      ['K2', 12]
    ]
  )
  t.strictSame((await verify(folder)).differences, [])
})

t.test('a worker writes snapshots and removes what nobody needs', async (t) => {
  const folder = ownFolder(t)
  const ledger = await openLedger(t, folder, 400)
  const said: string[] = []
  const worker = await openSyncWorker(
    {
      dataFolder: folder,
      role: 'worker',
      intervalMs: 100,
      snapshotEveryEvents: 10,
      eventRetention: 10,
      retryBaseMs: 1,
      retryTimes: 0,
      breakerThreshold: 0.5,
      breakerCooldownMs: 10_000
    },
    (_level, message) => said.push(message)
  )
  t.teardown(() => worker.close())
  for (let count = 0; count < 60; count += 1) {
    const minSequence = await adjust(ledger, 'S1', 'A', 1)
    if (count % 5 === 0) await worker.synchronizer.stock('A', { minSequence })
  }
  await until(() => ledger.health().sequence === worker.synchronizer.sequence)
  await worker.synchronizer.pass()
  t.ok(said.includes('wrote a snapshot of the ledger'))
  t.match(await worker.synchronizer.stock('A', {}), { stock: { total: 60 } })
  t.strictSame((await verify(folder)).differences, [])
})
