// An fdatasync that fails loses bytes that everybody can still read: the ledger must neither trust nor retry it.
import t from 'tap'
import { FaultyFileSystem } from '../../../adapters/file-system/faulty-file-system.ts'
import { ask, dataFolder, openOn, quickDisk, run } from './machine.ts'
import { fewUnits } from './small-log.ts'
import { goesOn, runIntoFault } from './stopped.ts'
import { workload } from './workload.ts'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000)
t.comment(`FAULT_SEED=${seed}`)
const firstSegment = `${dataFolder}/log/0000000000000001.wal`

t.test('every fdatasync fails once, and what is served afterwards survives a power cut', async (t) => {
  const counts = { runs: 0, stopped: 0, inDoubt: 0 }
  const actions = workload({ seed, steps: 14, reopens: true })
  for (let nth = 1; ; nth += 1) {
    const disk = quickDisk()
    const faulty = new FaultyFileSystem(disk, [{ kind: 'fail', operation: 'syncData', nth, code: 'EIO' }])
    try {
      const stop = await runIntoFault(faulty, actions)
      if (faulty.surfaced === 0) break
      await goesOn(disk, stop.asked, seed)
      counts.runs += 1
      counts.stopped += stop.wasOpen ? 1 : 0
      counts.inDoubt += stop.inDoubt
    } catch (error) {
      t.fail(`FAULT_SEED=${seed}, the fdatasync number ${nth}`, { found: (error as Error).stack })
      return
    }
  }
  t.comment(counts)
  t.ok(counts.stopped > 10 && counts.inDoubt > 10)
})

t.test('a failed fdatasync of one process, while another one has the same file open', async (t) => {
  const counts = { runs: 0, stopped: 0, bothStopped: 0 }
  for (let nth = 1; nth < 200; nth += 1) {
    const disk = quickDisk()
    const faulty = new FaultyFileSystem(disk, [{ kind: 'fail', operation: 'syncData', nth, code: 'EIO' }])
    const both = await Promise.all([
      run(faulty, workload({ seed, steps: 10, prefix: 'a' })),
      run(disk, workload({ seed: seed + nth, steps: 14, prefix: 'b' }))
    ])
    if (faulty.surfaced === 0) break
    const stopped = both.filter(({ ledger }) => ledger?.health().status !== 'open').length
    try {
      await goesOn(disk, [...both[0].asked, ...both[1].asked], seed)
    } catch (error) {
      t.fail(`FAULT_SEED=${seed}, the fdatasync number ${nth}`, { found: (error as Error).stack })
      return
    }
    for (const { ledger } of both) await ledger?.close().catch(() => undefined)
    counts.runs += 1
    counts.stopped += stopped > 0 ? 1 : 0
    counts.bothStopped += stopped > 1 ? 1 : 0
  }
  t.comment(counts)
  t.ok(counts.stopped > 5)
  t.ok(counts.bothStopped > 0, 'the other one is told by its own next fdatasync')
})

t.test('a later opening puts on the disk what the page cache only pretends to have there', async (t) => {
  const disk = quickDisk()
  const faulty = new FaultyFileSystem(disk)
  const [first, , last] = fewUnits()
  const { ledger } = await run(faulty, [first!])
  const before = disk.readAll(firstSegment).length
  faulty.plan = [{ kind: 'fail', operation: 'syncData', nth: syncs(faulty) + 1, code: 'EIO' }]
  for (const { error } of await ask(ledger!, last!.kind === 'ask' ? last!.units : [])) {
    t.match(error, { name: 'LedgerError', code: 'in_doubt' })
  }
  t.equal(ledger!.health().sequence, 1, 'not visible')
  await ledger!.close()

  const readable = disk.readAll(firstSegment)
  t.ok(readable.length > before, 'the bytes can be read')
  t.equal(onDisk(disk).length, before, 'but are not on the disk')
  const other = await disk.open(firstSegment, 'append')
  await other.syncData()
  await other.close()
  t.equal(onDisk(disk).length, before, 'and a later fdatasync that succeeds does not put them there')

  const again = await openOn(disk)
  t.equal(again.health().sequence, 4, 'the ledger that opens next takes them')
  t.same(onDisk(disk), readable, 'because it has written them again')
  await again.close()
})

function onDisk(disk: ReturnType<typeof quickDisk>): Uint8Array {
  return disk.crash({ keepUnsynced: 'none' }).readAll(firstSegment)
}

function syncs(faulty: FaultyFileSystem): number {
  return faulty.log.filter((operation) => operation === 'syncData').length
}
