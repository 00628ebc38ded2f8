// Segments and folders that are gone, emptied, cut, swapped; and files that do not belong to the log.
import assert from 'node:assert/strict'
import t from 'tap'
import { DamageError } from '../../../adapters/wal/damage.ts'
import { audit, auditReplays } from './auditor.ts'
import { goOn } from './crash.ts'
import { openOn } from './machine.ts'
import { contents, logFolder, marker, overwrite, serve, smallLog, type SmallLog } from './small-log.ts'
import { workload } from './workload.ts'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000)
t.comment(`FAULT_SEED=${seed}`)

const log = await smallLog({ actions: workload({ seed, steps: 14 }), segmentBytesMax: 3000, isClosed: true })
const copyOf = ({ disk }: SmallLog) => disk.crash({ keepUnsynced: 'all' })

async function assertRefused(disk: ReturnType<typeof copyOf>, what: string): Promise<void> {
  const before = contents(disk)
  const found = await serve(disk)
  assert.ok('refused' in found, `${what}: refused`)
  assert.ok(found.refused.path.startsWith(logFolder), what)
  assert.deepEqual(contents(disk), before, `${what}: nothing is changed`)
}

t.test('a segment is missing', async (t) => {
  t.ok(log.segments.length >= 3, `${log.segments.length} segments`)
  for (const path of log.segments) {
    const disk = copyOf(log)
    disk.removeFile(path)
    await assertRefused(disk, `${path} is missing`)
  }
  const disk = copyOf(log)
  for (const path of log.segments) disk.removeFile(path)
  await assertRefused(disk, 'all are missing')
})

t.test('a segment is cut', async (t) => {
  const counts = { refused: 0, shortened: 0, whole: 0 }
  for (const path of log.segments) {
    const size = log.disk.readAll(path).length
    for (let length = 0; length < size; length += length === 0 || length > size - 40 ? 1 : 29) {
      const disk = copyOf(log)
      disk.truncate(path, length)
      if (path !== log.segments.at(-1)) {
        // Without the newline behind it a seal is still whole.
        if (length < size - 1) await assertRefused(disk, `${path} cut to ${length}`)
        else await audit(await openOn(disk), log.asked)
        counts[length < size - 1 ? 'refused' : 'whole'] += 1
        continue
      }
      // What is cut from the end of the log cannot be told from what was never written there.
      const found = await serve(disk)
      assert.ok('events' in found, `${path} cut to ${length}`)
      const { events } = found
      assert.deepEqual(events, log.events.slice(0, events.length))
      const next = log.events[events.length]
      assert.notEqual(next?.unitId ?? '', events.at(-1)?.unitId, 'no unit is half there')
      counts[events.length === log.events.length ? 'whole' : 'shortened'] += 1
    }
  }
  t.comment(counts)
  t.ok(counts.refused > 50 && counts.whole > 10)
})

t.test('two segments are swapped', async (t) => {
  let swaps = 0
  for (const [index, path] of log.segments.entries()) {
    for (const other of log.segments.slice(index + 1)) {
      const disk = copyOf(log)
      await disk.rename(path, `${path}.aside`)
      await disk.rename(other, path)
      await disk.rename(`${path}.aside`, other)
      await assertRefused(disk, `${path} and ${other}`)
      swaps += 1
    }
  }
  t.ok(swaps >= 3)
})

t.test('the folder of the log is missing', async (t) => {
  const disk = copyOf(log)
  disk.removeFolder(logFolder)
  await t.rejects(openOn(disk), { name: 'DamageError', code: 'damaged', path: logFolder })
  await t.rejects(openOn(disk), { name: 'DamageError' }, 'the next time too')
})

t.test('the marker is missing', async (t) => {
  const disk = copyOf(log)
  disk.removeFile(marker)
  const ledger = await openOn(disk)
  await audit(ledger, log.asked)
  await ledger.close()
  t.ok(disk.paths().includes(marker), 'it is made again')
  t.ok(disk.crash().paths().includes(marker), 'durably')
})

t.test('files that do not belong to the log are left alone', async (t) => {
  const disk = copyOf(log)
  const strange = ['notes.txt', '12.wal', '0000000000000099.wal.bak', 'next-AbCdEfGh.wal', 'next-.wal']
  for (const name of strange) {
    const file = await disk.open(`${logFolder}/${name}`, 'create')
    await file.append(Buffer.from('not a log'))
    await file.close()
  }
  const ledger = await openOn(disk)
  await audit(ledger, log.asked)
  await auditReplays(ledger, log.asked)
  const all = [...log.asked, ...(await goOn(ledger, seed))]
  await ledger.close()
  const after = await openOn(disk)
  await audit(after, all)
  await after.close()
  for (const name of strange) {
    t.equal(Buffer.from(disk.readAll(`${logFolder}/${name}`)).toString(), 'not a log', `${name} is as it was`)
  }
})

t.test('a segment that no seal announces', async (t) => {
  const disk = copyOf(log)
  await overwriteNew(disk, `${logFolder}/0000000000999999.wal`)
  await assertRefused(disk, 'a segment behind the last one')
  await t.rejects(openOn(disk), DamageError)
})

t.test('under a running ledger the log is cut or taken away', async (t) => {
  const disk = copyOf(log)
  const failures: unknown[] = []
  const ledger = await openOn(disk, {
    segmentBytesMax: 1_000_000,
    onFailure: (error) => failures.push(error)
  })
  const last = log.segments.at(-1)!
  const { unit } = log.asked[0]!.planned
  // Or the last segment might hold no event, but only the mark of the close.
  const delivery = { type: 'adjust', storeId: 'store-1', sku: 'sku-a', delta: 1 } as const
  await ledger.execute({ at: 1_000_000, lines: [{ command: delivery }], atomic: false })
  const { sequence: deliverySequence } = ledger.health()
  disk.truncate(last, 10)
  await t.rejects(ledger.execute({ ...unit, identity: { key: ' new', fingerprint: '', until: 9_000_000 } }), {
    code: 'read_only'
  })
  t.equal(ledger.health().status, 'read_only')
  t.match(ledger.health().cause, /the file has shrunk/)
  t.match(failures, [{ name: 'DamageError', path: last }], 'told once')
  await t.rejects(ledger.read(deliverySequence, 1), { name: 'DamageError', path: last }, 'what is gone')
  t.same(await ledger.read(1, 2), log.events.slice(0, 2), 'the rest is read on')
  const second = log.segments[1]!
  const sequence = Number(second.slice(-20, -4))
  disk.removeFile(second)
  await t.rejects(ledger.read(sequence, 1), { code: 'ENOENT' }, 'a segment that was never opened for reading')
  await t.resolves(ledger.close())
})

async function overwriteNew(disk: ReturnType<typeof copyOf>, path: string): Promise<void> {
  await (await disk.open(path, 'create')).close()
  await overwrite(disk, path, Buffer.from('\n'), 0)
}
