// A snapshot that is not as it was written is never used: the one before it is, or the whole log, or nothing is served.
import assert from 'node:assert/strict'
import t from 'tap'
import type { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { DamageError } from '../../../adapters/wal/damage.ts'
import { SnapshotFolder } from '../../../adapters/wal/snapshot/snapshot-folder.ts'
import { audit, auditReplays } from '../wal-faults/auditor.ts'
import { ask, dataFolder, openOn, quickDisk, type Asked } from '../wal-faults/machine.ts'
import { contents, logFolder, marker, overwrite } from '../wal-faults/small-log.ts'
import { isTried, share } from '../wal-faults/thoroughness.ts'
import { workload } from '../wal-faults/workload.ts'
import { keptWorkload, LedgerWithPast, runKept, type Step } from './kept-ledger.ts'

const seed = Number(process.env.FLIP_SEED ?? Date.now() % 1_000_000)
t.comment(`FLIP_SEED=${seed}`)

const snapshotFolder = `${dataFolder}/snapshots`

interface Kept {
  readonly disk: MemoryFileSystem
  readonly asked: readonly Asked[]
  readonly snapshots: readonly string[]
}

/** A ledger that was closed, with two snapshots and all of its log; the newest one stands well behind a segment's start. */
async function withSnapshots(from = seed): Promise<Kept> {
  const disk = quickDisk()
  const steps = keptWorkload(from, 3).filter(({ kind }) => kind !== 'retain')
  const { asked, ledger } = await runKept(disk, steps)
  await ledger!.close()
  const snapshots = disk.paths().filter((path) => path.startsWith(snapshotFolder))
  assert.equal(snapshots.length, 2, 'the newest two are kept')
  const { position } = await readLog({ disk, snapshots }, 1)
  return position.segment > 1 && position.offset > 200
    ? { disk, asked, snapshots }
    : await withSnapshots(from + 1)
}

async function readLog({ disk, snapshots }: Pick<Kept, 'disk' | 'snapshots'>, index: number) {
  return (await new SnapshotFolder(disk, dataFolder).read(sequenceOf(snapshots[index]!))).log
}

const sequenceOf = (path: string): number => Number(/(\d+)\.snapshot$/.exec(path)?.[1])
const copyOf = ({ disk }: Kept): MemoryFileSystem => disk.crash({ keepUnsynced: 'all' })

async function remove(disk: MemoryFileSystem, paths: readonly string[]): Promise<void> {
  for (const path of paths) await disk.remove(path)
}

t.test('every byte is vouched for: flipped, cut anywhere or grown, a snapshot is not read', async (t) => {
  const { disk, snapshots } = await withSnapshots()
  const path = snapshots.at(-1)!
  const sequence = sequenceOf(path)
  const folder = new SnapshotFolder(disk, dataFolder)
  const bytes = disk.readAll(path)
  let flips = 0
  for (const [offset, byte] of bytes.entries()) {
    if (!isTried(offset, seed)) continue
    for (const mask of new Set([1 << (offset % 8), byte ^ 0x0a, byte, 0xff])) {
      if (mask === 0) continue
      disk.flipByte(path, offset, mask)
      await assert.rejects(
        folder.read(sequence),
        { name: 'UnusableSnapshotError' },
        `byte ${offset} mask ${mask}`
      )
      disk.flipByte(path, offset, mask)
      flips += 1
    }
  }
  for (let length = 0; length < bytes.length; length += 13) {
    const cut = disk.crash({ keepUnsynced: 'all' })
    cut.truncate(path, length)
    await assert.rejects(new SnapshotFolder(cut, dataFolder).read(sequence), {
      name: 'UnusableSnapshotError'
    })
  }
  const grown = disk.crash({ keepUnsynced: 'all' })
  await overwrite(grown, path, Buffer.from('\n'), bytes.length)
  await assert.rejects(new SnapshotFolder(grown, dataFolder).read(sequence), /bytes behind its end/)
  await disk.rename(path, `${snapshotFolder}/0000000000000999.snapshot`)
  await assert.rejects(folder.read(999), /it is that of the event/, 'under another name')
  t.ok(flips > share(10_000), `${flips} flips`)
})

t.test('a newer snapshot that cannot be used is passed over, and that is told', async (t) => {
  const kept = await withSnapshots()
  const [older, newest] = kept.snapshots
  for (const spoil of [
    (disk: MemoryFileSystem) => disk.flipByte(newest!, 300),
    (disk: MemoryFileSystem) => disk.truncate(newest!, 300),
    (disk: MemoryFileSystem) => disk.truncate(newest!, 0),
    // The digit of its format.
    (disk: MemoryFileSystem) => disk.flipByte(newest!, 17, 3)
  ]) {
    const disk = copyOf(kept)
    spoil(disk)
    const ledger = await openOn(disk)
    t.match(ledger.boot, {
      snapshot: sequenceOf(older!),
      unusable: [{ path: newest, why: /^it (is|has)|damaged/ }]
    })
    await audit(ledger, kept.asked)
    await auditReplays(ledger, kept.asked)

    disk.flipByte(older!, 200)
    const whole = await openOn(disk)
    t.strictSame(whole.boot.snapshot, undefined)
    t.equal(whole.boot.unusable.length, 2)
    await audit(whole, kept.asked)
  }
})

t.test('one that has rotted is no fallback: the next write keeps the good one before it', async (t) => {
  const kept = await withSnapshots()
  const { disk } = kept
  const [older, newest] = kept.snapshots
  disk.flipByte(newest!, 300)
  const ledger = await openOn(disk)
  const [action] = workload({ seed: seed + 1, steps: 9, prefix: 'later' }).filter(
    ({ kind }) => kind === 'ask'
  )
  assert.ok(action?.kind === 'ask')
  const asked = [...kept.asked, ...(await ask(ledger, action.units))]
  const { sequence } = await ledger.writeSnapshot()
  await ledger.close()
  const folder = new SnapshotFolder(disk, dataFolder)
  t.strictSame(await folder.list(), [sequence, sequenceOf(newest!), sequenceOf(older!)])

  disk.flipByte(folder.pathOf(sequence), 300)
  const again = await openOn(disk)
  t.equal(again.boot.snapshot, sequenceOf(older!))
  await audit(again, asked)
  await again.writeSnapshot()
  t.ok((await folder.list()).includes(sequenceOf(older!)))
})

t.test('without a good snapshot a log that has lost its beginning is refused', async (t) => {
  const disk = quickDisk()
  const steps: Step[] = [...keptWorkload(seed, 3), { kind: 'snapshot' }, { kind: 'retain', eventCount: 3 }]
  const { asked, past, ledger } = await runKept(disk, steps)
  t.ok(ledger!.health().oldestSequence > 1)
  await ledger!.close()
  const snapshots = disk.paths().filter((path) => path.startsWith(snapshotFolder))
  for (const path of snapshots) disk.flipByte(path, 400)
  const before = contents(disk)
  await t.rejects(openOn(disk), {
    name: 'DamageError',
    path: logFolder,
    message: /missing, and .+cannot be used/
  })
  t.strictSame(contents(disk), before, 'nothing is changed')
  disk.flipByte(snapshots[0]!, 400)
  const again = await openOn(disk)
  await audit(new LedgerWithPast(again, past), asked)
  await again.close()
  await remove(disk, snapshots)
  await t.rejects(openOn(disk), { name: 'DamageError', message: /there is no snapshot/ })
})

t.test('a log that holds less than a snapshot has lost what was acknowledged', async (t) => {
  const kept = await withSnapshots()
  const segments = kept.disk.paths().filter((path) => /\/\d+\.wal$/.test(path))
  const last = segments.at(-1)!
  const { position } = (await new SnapshotFolder(kept.disk, dataFolder).read(sequenceOf(kept.snapshots[1]!)))
    .log
  t.ok(last.endsWith(`${position.segment}.wal`), 'the newest snapshot stands in the last segment')
  for (let length = 0; length < position.offset - 1; length += 7) {
    const disk = copyOf(kept)
    disk.truncate(last, length)
    await assert.rejects(openOn(disk), DamageError, `cut to ${length}`)
  }
  for (const path of segments) {
    const disk = copyOf(kept)
    disk.removeFile(path)
    await t.rejects(openOn(disk), { name: 'DamageError', path }, `${path} is missing`)
  }
  const other = copyOf(kept)
  const frame = position.offset - 20
  other.flipByte(last, frame)
  await t.rejects(openOn(other), { name: 'DamageError', message: /missing or another one/ })

  // No snapshot can be read, but their names say how far the log had come.
  const cut = copyOf(kept)
  for (const path of kept.snapshots) cut.flipByte(path, 300)
  for (const path of segments.slice(1)) cut.removeFile(path)
  cut.truncate(segments[0]!, 1500)
  await t.rejects(openOn(cut), { name: 'DamageError', message: /was made when the log had \d+ events/ })

  const gone = copyOf(kept)
  gone.removeFolder(logFolder)
  gone.removeFile(marker)
  await t.rejects(
    openOn(gone),
    { name: 'DamageError', path: logFolder },
    'a log of which only snapshots are left'
  )
})

t.test('what stands in the log behind a snapshot is checked as ever', async (t) => {
  const kept = await withSnapshots()
  const disk = copyOf(kept)
  await disk.remove(kept.snapshots[1]!)
  const { position } = await readLog(kept, 0)
  const path = `${logFolder}/${position.segment.toString().padStart(16, '0')}.wal`
  const counts = { refused: 0, served: 0 }
  for (let offset = position.offset; offset < disk.readAll(path).length; offset += 5) {
    disk.flipByte(path, offset)
    const opened = await openOn(disk).catch((error: unknown) => error)
    if (opened instanceof DamageError) counts.refused += 1
    else {
      counts.served += 1
      await audit(opened as Awaited<ReturnType<typeof openOn>>, kept.asked)
    }
    disk.flipByte(path, offset)
  }
  t.comment(counts)
  t.ok(counts.refused > 50)
})
