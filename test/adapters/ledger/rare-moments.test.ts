// Moments that hardly ever come, each of which once went wrong or nearly did.
import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import t from 'tap'
import { FaultyFileSystem, type Operation } from '../../../adapters/file-system/faulty-file-system.ts'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import { LedgerError } from '../../../domain/ledger.ts'
import { hold } from './held-call.ts'
import { adjust, key, separate, storeId } from '../../domain/units.ts'

const dataFolder = '/data'

t.test('a segment in which nothing but refusals is remembered is not sealed over itself', async (t) => {
  const fileSystem = new MemoryFileSystem()
  const ledger = await openWalLedger({ dataFolder, fileSystem, segmentBytesMax: 1 })
  const first = await ledger.execute(separate([adjust('a', -1)], { identity: key('k-1') }))
  await ledger.execute(separate([adjust('a', -1)], { identity: key('k-2') }))
  await ledger.execute(separate([adjust('a', 1)]))
  await ledger.execute(separate([adjust('a', 1)]))
  await ledger.close()
  const reopened = await openWalLedger({ dataFolder, fileSystem })
  const again = await reopened.execute(separate([adjust('a', -1)], { identity: key('k-1') }))
  t.strictSame(again, { ...first, replayed: true })
  t.match(await reopened.get(storeId, 'a', 100), { qty: 2, version: 2 })
  await reopened.close()
})

t.test(
  'a frame torn after any of its bytes gets one verdict from all, its last newline alone missing too',
  async (t) => {
    let bytes = 0
    for (let tears = true; tears; bytes += 1) {
      const fileSystem = new MemoryFileSystem()
      const dying = new FaultyFileSystem(fileSystem)
      const one = await openWalLedger({ dataFolder, fileSystem: dying })
      const two = await openWalLedger({ dataFolder, fileSystem })
      await one.execute(separate([adjust('a', 10)]))
      dying.plan = [{ kind: 'tear', nth: countOf('append', dying) + 1, bytes }]
      const torn = one.execute(separate([adjust('a', 2)]))
      tears = (await torn.catch((error: unknown) => error)) instanceof LedgerError
      await two.get(storeId, 'a', 100)

      const answered = await two.execute(separate([adjust('a', 4)]))
      const seen = await two.read(1, 100)
      const third = await openWalLedger({ dataFolder, fileSystem })
      strictEqual(answered.kind, 'answered')
      deepStrictEqual(await third.read(1, 100), seen, `torn after ${bytes} bytes`)
      deepStrictEqual(await third.get(storeId, 'a', 100), await two.get(storeId, 'a', 100))
      deepStrictEqual(third.health(), two.health(), `torn after ${bytes} bytes`)
      await Promise.all([one, two, third].map((ledger) => ledger.close()))
    }
    t.ok(bytes > 100, `${bytes} places`)
  }
)

t.test('a refusal knows of all that was answered before it was asked for', async (t) => {
  const fileSystem = new MemoryFileSystem()
  const one = await openWalLedger({ dataFolder, fileSystem })
  const two = await openWalLedger({ dataFolder, fileSystem })
  await one.execute(separate([adjust('a', 1)]))

  const sync = hold(fileSystem, 'syncData', 'answer')
  const reading = two.get(storeId, 'a', 100)
  await sync.reached
  await one.execute(separate([adjust('a', 5)]))
  const asked = two.execute(separate([adjust('a', -5)]))
  sync.release()
  t.match(await asked, { answer: { results: [{ applied: true, record: { qty: 1, version: 3 } }] } })
  t.match(await reading, { version: 1 })
  await Promise.all([one.close(), two.close()])
})

t.test(
  'the segment that follows a seal is read, though it has the size at which the one before was left',
  async (t) => {
    let coincidences = 0
    // How long a frame is depends a little on the checksums in it, and so on the names of the writers.
    for (let length = 0; length < 600 && coincidences === 0; length += 1) {
      const fileSystem = new MemoryFileSystem()
      const one = await openWalLedger({ dataFolder, fileSystem })
      const two = await openWalLedger({ dataFolder, fileSystem })
      await one.execute(separate([adjust('a', 1, { reason: 'x'.repeat(length % 60) })]))
      await two.get(storeId, 'a', 100)
      const size = sizes(fileSystem)[0]!

      // The second ledger has a write of its own in hand while another one seals and goes on.
      const append = hold(fileSystem, 'append', 'effect')
      const asked = two.execute(separate([adjust('b', 1)]))
      await append.reached
      const sealing = await openWalLedger({ dataFolder, fileSystem, segmentBytesMax: 1 })
      await sealing.execute(separate([adjust('a', 1)]))
      if (sizes(fileSystem)[1] === size) coincidences += 1
      const close = hold(fileSystem, 'close', 'answer')
      append.release()
      await close.reached
      const read = two.get(storeId, 'a', 100)
      close.release()
      strictEqual((await read)?.version, 2)
      await asked
      await Promise.all([one, two, sealing].map((ledger) => ledger.close()))
    }
    t.equal(coincidences, 1)
  }
)

t.test(
  'where a part of many lines was written before the ledger failed, nobody is told that nothing was',
  async (t) => {
    const fileSystem = new MemoryFileSystem()
    const failing = new FaultyFileSystem(fileSystem)
    const one = await openWalLedger({ dataFolder, fileSystem: failing })
    const two = await openWalLedger({ dataFolder, fileSystem })
    const lines = Array.from({ length: 257 }, (_, index) => adjust(index < 256 ? 'a' : 'b', 1))

    const append = hold(fileSystem, 'append', 'effect')
    const asked = one.execute(separate(lines))
    await append.reached
    await two.execute(separate([adjust('a', 1)]))
    const sync = hold(fileSystem, 'syncData', 'answer')
    append.release()
    await sync.reached
    await two.execute(separate([adjust('a', 1)]))
    failing.plan = [
      { kind: 'fail', code: 'EIO', operation: 'syncData', nth: countOf('syncData', failing) + 1 }
    ]
    sync.release()

    await t.rejects(asked, { code: 'in_doubt' })
    t.match(one.health(), { status: 'read_only' })
    const fresh = await openWalLedger({ dataFolder, fileSystem })
    t.match(await fresh.get(storeId, 'b', 100), { qty: 1 }, 'the last line was carried out')
    t.match(await fresh.get(storeId, 'a', 100), { qty: 2 }, 'the others were not')
    await Promise.all([one.close(), fresh.close()])
    await t.rejects(two.close(), { code: 'EIO' }, 'a failed sync is told to every handle of the file')
  }
)

t.test('reads under way when the ledger closes are answered or refused as closed', async (t) => {
  const fileSystem = new MemoryFileSystem()
  const one = await openWalLedger({ dataFolder, fileSystem, segmentBytesMax: 300 })
  const two = await openWalLedger({ dataFolder, fileSystem, segmentBytesMax: 300 })
  for (let round = 0; round < 20; round += 1) await one.execute(separate([adjust('a', 1)]))
  const reads = [
    two.get(storeId, 'a', 100),
    two.history({ storeId, sku: 'a', limit: 20 }),
    two.read(1, 20),
    two.list({ storeId, limit: 1 }, 100)
  ]
  const more = one.execute(separate([adjust('a', 1)]))
  await two.close()
  for (const read of await Promise.allSettled(reads)) {
    if (read.status === 'rejected') t.match(read.reason, { code: 'closed' })
    else t.ok(read.value)
  }
  await more
  await one.close()
})

function countOf(operation: Operation, { log }: FaultyFileSystem): number {
  return log.filter((call) => call === operation).length
}

/** The lengths of the segments. */
function sizes(fileSystem: MemoryFileSystem): number[] {
  return fileSystem
    .paths()
    .filter((path) => /\d\.wal$/.test(path))
    .map((path) => fileSystem.readAll(path).length)
}
