// The machine dies at each call that the files of the synchronization make, and its next start has lost nothing.
import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import t from 'tap'
import { FaultyFileSystem } from '../../../adapters/file-system/faulty-file-system.ts'
import type { FileSystem } from '../../../adapters/file-system/file-system.ts'
import { below, seededRandom } from '../../../adapters/file-system/seeded-random.ts'
import type { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { FolderSyncStore } from '../../../adapters/sync/folder-sync-store.ts'
import type { Apply } from '../../../adapters/sync/sync-pass.ts'
import { openSynchronizer, type Synchronizer } from '../../../adapters/sync/synchronizer.ts'
import { dataFolder, quickDisk } from '../wal-faults/machine.ts'
import { disksAfter } from '../wal-faults/crash.ts'
import { isTried, share } from '../wal-faults/thoroughness.ts'
import { simulatedSyncDisk } from './simulated-sync-disk.ts'
import { adjust } from './stock.ts'

const seed = Math.floor(Math.random() * 2 ** 31)

/** A disk on which the folder of the ledger is, durably. */
async function newDisk(): Promise<MemoryFileSystem> {
  const disk = quickDisk()
  await disk.makeFolder(dataFolder)
  for (let folder = dataFolder; folder !== '/'; folder = dirname(folder))
    await disk.syncFolder(dirname(folder))
  return disk
}

/** The log, which outlives the machine, and what whoever worked with the synchronization was told before it died. */
class Told {
  readonly ledger = new MemoryLedger()
  /** Events that were put aside: their letters are to be found until somebody asks for something else. */
  readonly letters = new Set<number>()
  /** Letters of which something was asked that may have come to its end, or not. */
  readonly asked = new Set<number>()
  readonly discarded = new Set<number>()
  /** Up to where the model was said to be on disk. */
  checkpoint = 0
  isStopped: boolean | undefined
}

interface Machine {
  readonly store: FolderSyncStore
  readonly sync: Synchronizer
  readonly damaged: string[]
}

async function start(fileSystem: FileSystem, told: Told, poison: ReadonlySet<number>): Promise<Machine> {
  const damaged: string[] = []
  const apply: Apply = ({ sequence }, take) => {
    if (poison.has(sequence)) throw new Error('poison')
    take()
  }
  const disk = simulatedSyncDisk(fileSystem)
  const store = await FolderSyncStore.open(dataFolder, ({ path }) => damaged.push(path), disk)
  const sync = await openSynchronizer({
    ledger: told.ledger,
    store,
    now: () => 1_000_000,
    worker: undefined,
    intervalMs: 15_000,
    retryTimes: 0,
    retryBaseMs: 1,
    saveEveryEvents: 4,
    apply,
    onDeadLetter: ({ event }) => void told.letters.add(event.sequence)
  })
  return { store, sync, damaged }
}

async function pass({ store, sync }: Machine, told: Told): Promise<void> {
  await sync.pass()
  told.checkpoint = (await store.progress())?.checkpoint ?? told.checkpoint
}

/** Passes with events that are put aside, of which one is tried again and one given up; and what operators ask for. */
async function work(fileSystem: FileSystem, told: Told): Promise<void> {
  const poison = new Set([2, 6])
  const machine = await start(fileSystem, told, poison)
  const { store, sync } = machine
  for (const sku of ['A', 'A', 'B', 'C']) await adjust(told.ledger, 'S1', sku, 1)
  await pass(machine, told)
  await sync.stop()
  told.isStopped = true
  await adjust(told.ledger, 'S2', 'A', 3)
  await adjust(told.ledger, 'S1', 'D', 4)
  await pass(machine, told)
  await store.setHeartbeat({ processId: 1, role: 'worker', seenAt: 1_000_000, intervalMs: 100 })
  told.asked.add(6)
  assert.equal(await sync.discard('6'), true)
  told.letters.delete(6)
  told.discarded.add(6)
  poison.clear()
  told.asked.add(2)
  assert.deepEqual(await sync.retry('2'), { outcome: 'applied' })
  told.letters.delete(2)
  await adjust(told.ledger, 'S1', 'B', 5)
  await pass(machine, told)
  await store.removeHeartbeat()
  await sync.close()
}

/** What is found on the disk is at least what was told, and from it comes the model that all events make. */
async function survives(disk: MemoryFileSystem, told: Told): Promise<void> {
  // What was given up is not tried again; all else can be applied now.
  const machine = await start(disk, told, told.discarded)
  const { store, sync, damaged } = machine
  const saved = await store.load()
  const found = new Set(await store.letters.sequences())
  assert.ok((saved?.sequence ?? 0) >= told.checkpoint, 'the model on disk is as new as was told')
  for (const sequence of told.letters) {
    const isWanted = !told.asked.has(sequence)
    if (isWanted) assert.ok(found.has(sequence), `the letter of event ${sequence} is there`)
    if (found.has(sequence)) assert.equal((await store.letters.get(sequence))?.event.sequence, sequence)
  }
  for (const sequence of told.discarded)
    assert.ok(!found.has(sequence), `letter ${sequence} does not come back`)
  const { isStopped } = await store.control()
  if (told.isStopped !== undefined) assert.equal(isStopped, told.isStopped)

  const { applied, sequence } = await sync.pass()
  const end = told.ledger.health().sequence
  const leftOut = [...found].filter((one) => one > (saved?.sequence ?? 0)).length
  assert.equal(sequence, end)
  assert.equal(
    applied,
    end - (saved?.sequence ?? 0) - leftOut,
    'each event after the model on disk is applied once'
  )
  for (const letter of await store.letters.sequences()) {
    assert.ok(found.has(letter), 'nothing is put aside that can be applied')
    const { outcome } = (await sync.retry(String(letter))) ?? {}
    // The model may have been on disk with the event already, when its letter was about to go.
    if (outcome !== 'superseded' || !told.asked.has(letter)) assert.equal(outcome, 'applied')
  }
  await expectModel(sync, told, told.asked.has(6) ? 'D' : undefined)
  assert.deepEqual(
    damaged.filter((path) => !/\/(progress|heartbeat)$/.test(path)),
    []
  )
}

/** The model says of each record what the ledger does; of the SKU whose event was given up it may say nothing. */
async function expectModel(sync: Synchronizer, { ledger }: Told, givenUp: string | undefined): Promise<void> {
  const { items } = await sync.stocks(undefined, 100, {})
  const inModel = items.flatMap(({ sku, stores }) =>
    stores.map(([storeId, { qty, version }]) => ({ storeId, sku, qty, version }))
  )
  const records = await Promise.all(
    ['S1', 'S2'].map((storeId) => ledger.list({ storeId, limit: 100 }, 1_000_000))
  )
  const inLedger = records.flatMap((page) =>
    page.records.map(({ storeId, sku, qty, version }) => ({ storeId, sku, qty, version }))
  )
  const isJudged = ({ sku }: { readonly sku: string }): boolean => sku !== givenUp
  assert.deepEqual(sorted(inModel.filter(isJudged)), sorted(inLedger.filter(isJudged)))
}

function sorted(records: readonly { readonly storeId: string; readonly sku: string }[]): string[] {
  return records.map((record) => JSON.stringify(record, ['storeId', 'sku', 'qty', 'version'])).sort()
}

t.test('a power cut at any call of a pass, a retry or a discard', async (t) => {
  t.comment(`seed ${seed}`)
  const random = seededRandom(seed)
  let restarts = 0
  deaths: for (let call = 1; ; call += 1) {
    if (!isTried(call, seed)) continue
    for (const part of ['none', 'some', 'all'] as const) {
      const disk = await newDisk()
      const told = new Told()
      const bytes = part === 'some' ? { bytes: below(100, random) } : undefined
      const faulty = new FaultyFileSystem(disk, [
        { kind: 'crash', nth: call, carriedOut: part !== 'none', ...bytes }
      ])
      await work(faulty, told).catch((error: unknown) => {
        if (!faulty.crashed) throw error
      })
      if (!faulty.crashed) break deaths
      const operation = faulty.log[call - 1]
      if (part === 'some' && operation !== 'append') continue
      for (const [name, found] of disksAfter(disk, [seed + call])) {
        restarts += 1
        await survives(found, told).catch((error: unknown) => {
          const { message } = error as Error
          throw new Error(`call ${call} (${operation}, ${part}), ${name}: ${message}`, { cause: error })
        })
      }
    }
  }
  t.ok(restarts >= share(1200), `${restarts} restarts`)
})
