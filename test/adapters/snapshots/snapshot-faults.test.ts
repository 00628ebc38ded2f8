// A snapshot that cannot be written is no reason to stop: nothing of it is left, and the ledger goes on.
import t from 'tap'
import { FaultyFileSystem, type Fault } from '../../../adapters/file-system/faulty-file-system.ts'
import type { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { audit } from '../wal-faults/auditor.ts'
import { goOn } from '../wal-faults/crash.ts'
import { dataFolder, openOn, quickDisk } from '../wal-faults/machine.ts'
import { keptWorkload, runKept } from './kept-ledger.ts'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000)
t.comment(`FAULT_SEED=${seed}`)

const asks = keptWorkload(seed, 2).filter(({ kind }) => kind === 'ask')
/** The log writes nothing of its own while a snapshot is written. */
const oneSegment = { segmentBytesMax: 10_000_000 }
const snapshotsOn = (disk: MemoryFileSystem): string[] =>
  disk.paths().filter((path) => path.startsWith(`${dataFolder}/snapshots`))

t.test('each call of the writing fails in its turn', async (t) => {
  const counts = { failed: 0, succeeded: 0 }
  for (let nth = 1; ; nth += 1) {
    const disk = quickDisk()
    const faulty = new FaultyFileSystem(disk)
    const { ledger, asked } = await runKept(faulty, [...asks, { kind: 'snapshot' }], oneSegment)
    const more = await goOn(ledger!, seed)
    const before = snapshotsOn(disk)
    const call = faulty.calls + nth
    faulty.plan = [{ kind: 'fail', nth: call, code: 'EIO' }]
    const written = await ledger!.writeSnapshot().catch((error: unknown) => error)
    if (faulty.surfaced === 0) break
    faulty.plan = []
    const operation = faulty.log[call - 1]!
    if (written instanceof Error) {
      counts.failed += 1
      const after = snapshotsOn(disk).filter((path) => path.endsWith('.snapshot'))
      if (operation !== 'syncFolder' && operation !== 'list')
        t.strictSame(after, before, `${operation} fails`)
    } else counts.succeeded += 1
    // Only the look at the log is the log's own call: where that fails the ledger reads on.
    if (operation === 'size') continue
    t.equal(ledger!.health().status, 'open', `${operation} fails`)
    await audit(ledger!, [...asked, ...more])
    await ledger!.writeSnapshot()
    t.equal(snapshotsOn(disk).length, 2, 'two again, and nothing else')
    await ledger!.close()
    const again = await openOn(disk.crash({ keepUnsynced: 'none' }))
    t.not(again.boot.snapshot, undefined)
    t.equal(again.health().sequence, ledger!.health().sequence)
    await audit(again, [...asked, ...more])
    await again.close()
  }
  t.comment(counts)
  t.ok(counts.failed > 5 && counts.succeeded > 1, 'what only clears away may fail')
})

t.test('a short write is no snapshot', async (t) => {
  const disk = quickDisk()
  const faulty = new FaultyFileSystem(disk)
  const { ledger } = await runKept(faulty, asks, oneSegment)
  const appends = faulty.log.filter((operation) => operation === 'append').length
  const tear: Fault = { kind: 'tear', nth: appends + 1, bytes: 100 }
  faulty.plan = [tear]
  await t.rejects(ledger!.writeSnapshot(), { name: 'ShortWriteError' })
  t.strictSame(snapshotsOn(disk), [])
  t.equal(ledger!.health().status, 'open')
  await ledger!.close()
})

t.test('on a full disk the snapshots that are there stay, and reads and writes go on', async (t) => {
  const disk = quickDisk()
  const { ledger, asked } = await runKept(disk, [...asks, { kind: 'snapshot' }], oneSegment)
  const before = snapshotsOn(disk)
  const more = await goOn(ledger!, seed)
  const used = disk.paths().reduce((sum, path) => sum + disk.readAll(path).length, 0)
  disk.capacityBytes = used + 500
  await t.rejects(ledger!.writeSnapshot(), { name: 'ShortWriteError' }, 'what fits is written')
  disk.capacityBytes = used
  await t.rejects(ledger!.writeSnapshot(), { code: 'ENOSPC' })
  t.strictSame(snapshotsOn(disk), before)
  t.equal(ledger!.health().status, 'open')
  disk.capacityBytes = Infinity
  await audit(ledger!, [...asked, ...more])
  await ledger!.writeSnapshot()
  t.equal(snapshotsOn(disk).length, 2)
  await ledger!.close()
})

t.test('closing ends a snapshot that is being written', async (t) => {
  const disk = quickDisk()
  const { ledger } = await runKept(disk, asks, oneSegment)
  const writing = ledger!.writeSnapshot()
  const closing = ledger!.close()
  await t.rejects(writing, { code: 'closed' })
  await closing
  t.strictSame(snapshotsOn(disk), [])
  await t.rejects(ledger!.writeSnapshot(), { code: 'closed' })
  await t.rejects(ledger!.retain(1, 1), { code: 'closed' })
})

t.test('changes while a snapshot is written are not in it, and not lost', async (t) => {
  const disk = quickDisk()
  const { ledger, asked } = await runKept(disk, asks, oneSegment)
  const { sequence } = ledger!.health()
  const held: (() => void)[] = []
  let isHolding = true
  disk.schedule = ({ operation, path }) =>
    isHolding && operation === 'open' && path.includes('unfinished')
      ? new Promise<void>((resolve) => held.push(resolve))
      : Promise.resolve()
  const writing = ledger!.writeSnapshot()
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const more = await goOn(ledger!, seed)
  isHolding = false
  for (const release of held) release()
  t.equal((await writing).sequence, sequence)
  const again = await openOn(disk.crash({ keepUnsynced: 'none' }))
  t.equal(again.boot.snapshot, sequence)
  await audit(again, [...asked, ...more])
  await again.close()
  await ledger!.close()
})
