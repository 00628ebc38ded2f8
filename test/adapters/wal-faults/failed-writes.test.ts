// Writes that fail or fall short, at every append; a full disk; and any other call that fails.
import t, { type Test } from 'tap'
import { FaultyFileSystem, type Fault } from '../../../adapters/file-system/faulty-file-system.ts'
import type { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { quickDisk } from './machine.ts'
import { goesOn, runIntoFault } from './stopped.ts'
import { isTried, share } from './thoroughness.ts'
import { workload } from './workload.ts'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000)
const actions = workload({ seed, steps: 10, reopens: true })
t.comment(`FAULT_SEED=${seed}`)

/** Tries the fault that `at` makes for the first, second, ... call until a run sees none, and counts. */
async function tryEach(t: Test, at: (nth: number) => Fault, part = seed) {
  const counts = { runs: 0, stopped: 0, inDoubt: 0 }
  for (let nth = 1; ; nth += 1) {
    if (nth > 1 && !isTried(nth, part)) continue
    const disk = quickDisk()
    const faulty = new FaultyFileSystem(disk, [at(nth)])
    try {
      const stop = await runIntoFault(faulty, actions)
      if (faulty.surfaced === 0) break
      await goesOn(disk, stop.asked, seed)
      counts.runs += 1
      counts.stopped += stop.wasOpen ? 1 : 0
      counts.inDoubt += stop.inDoubt
    } catch (error) {
      t.fail(`FAULT_SEED=${seed}, fault ${JSON.stringify(at(nth))}`, { found: (error as Error).stack })
      return counts
    }
  }
  t.comment(counts)
  return counts
}

/** The same of several faults, each in other places: what all of one part write may be marks, which nobody waits for. */
async function tryAll(t: Test, faults: readonly ((nth: number) => Fault)[]) {
  const all = { runs: 0, stopped: 0, inDoubt: 0 }
  for (const [index, at] of faults.entries()) {
    const counts = await tryEach(t, at, seed + index)
    for (const name of ['runs', 'stopped', 'inDoubt'] as const) all[name] += counts[name]
  }
  return all
}

t.test('every append fails once', async (t) => {
  const codes = ['EIO', 'ENOSPC', 'EDQUOT', 'EIO', 'ENOSPC', 'EDQUOT']
  const all = await tryAll(
    t,
    codes.map((code) => (nth) => ({ kind: 'fail', operation: 'append', nth, code }))
  )
  t.ok(all.runs > share(60) && all.stopped > share(30) && all.inDoubt > all.stopped / 2)
})

t.test('every append is cut short, and sometimes nobody says why', async (t) => {
  const lengths = [1, 2, 15, 21, 100, 300]
  const all = await tryAll(
    t,
    lengths.map((bytes) => (nth) => ({ kind: 'tear', nth, bytes, ...(bytes !== 15 && { code: 'EIO' }) }))
  )
  t.ok(all.runs > share(60) && all.stopped > share(30))
})

for (const operation of [
  'syncFolder',
  'open',
  'rename',
  'list',
  'makeFolder',
  'read',
  'writeAt',
  'close'
] as const) {
  t.test(`every ${operation} fails once`, async (t) => {
    const { runs } = await tryEach(t, (nth) => ({ kind: 'fail', operation, nth, code: 'EIO' }))
    t.ok(runs > 0)
  })
}

t.test('the disk is full at every size, and has space again later', async (t) => {
  const counts = { runs: 0, stopped: 0, inDoubt: 0 }
  const whole = quickDisk()
  const unlimited = await runIntoFault(new FaultyFileSystem(whole), actions)
  t.ok(unlimited.asked.every(({ outcome }) => outcome !== undefined))
  for (let capacity = 10; capacity < size(whole); capacity += 137) {
    if (!isTried(Math.floor(capacity / 137), seed)) continue
    const disk = quickDisk()
    disk.capacityBytes = capacity
    const stop = await runIntoFault(new FaultyFileSystem(disk), actions)
    disk.capacityBytes = Infinity
    await goesOn(disk, stop.asked, seed)
    counts.runs += 1
    counts.stopped += stop.wasOpen ? 1 : 0
    counts.inDoubt += stop.inDoubt
  }
  t.comment(counts)
  t.ok(counts.stopped > share(10) && counts.inDoubt > share(10))
})

function size(disk: MemoryFileSystem): number {
  return disk.paths().reduce((sum, path) => sum + disk.readAll(path).length, 0)
}
