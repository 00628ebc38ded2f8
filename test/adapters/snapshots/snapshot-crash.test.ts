// The machine dies at every call while snapshots are written and segments removed; nothing acknowledged may be lost.
import assert from 'node:assert/strict'
import t from 'tap'
import { FaultyFileSystem } from '../../../adapters/file-system/faulty-file-system.ts'
import type { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { below, seededRandom } from '../../../adapters/file-system/seeded-random.ts'
import { audit, auditReplays } from '../wal-faults/auditor.ts'
import { disksAfter, goOn, recoveryDeaths } from '../wal-faults/crash.ts'
import { openOn, quickDisk } from '../wal-faults/machine.ts'
import { isTried, share } from '../wal-faults/thoroughness.ts'
import {
  keptWorkload,
  type Step,
  LedgerWithPast,
  rememberEvents,
  runKept,
  type KeptRun
} from './kept-ledger.ts'

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
t.comment(`CRASH_SEED=${seed}`)

/** Restarts on the disk, cuts the power, restarts, works, shortens the log and restarts again. */
async function survives(disk: MemoryFileSystem, { asked, past }: KeptRun) {
  const first = await openOn(disk)
  await audit(new LedgerWithPast(first, past), asked)
  await auditReplays(first, asked)
  const { sequence, oldestSequence } = first.health()

  const again = disk.crash({ keepUnsynced: 'none' })
  const second = await openOn(again)
  assert.equal(second.health().sequence, sequence, 'what was served after the restart survives a power cut')
  assert.equal(second.health().oldestSequence, oldestSequence)
  await audit(new LedgerWithPast(second, past), asked)

  const all = [...asked, ...(await goOn(second, seed))]
  const seen = [...past]
  await rememberEvents(second, seen)
  await second.writeSnapshot()
  await second.retain(3, second.health().sequence)
  await second.writeSnapshot()
  const { oldestSequence: kept } = await second.retain(3, second.health().sequence)
  const third = await openOn(again.crash({ keepUnsynced: 'none' }))
  assert.equal(third.health().oldestSequence, kept)
  await audit(new LedgerWithPast(third, seen), all)
  await auditReplays(third, all)
  await third.close()
  return { fromSnapshot: first.boot.snapshot !== undefined, isShort: oldestSequence > 1 }
}

t.test('a crash at every call loses nothing', async (t) => {
  const counts = { deaths: 0, restarts: 0, fromSnapshot: 0, short: 0 }
  const random = seededRandom(seed)
  // Whatever the seed, some of the deaths come when the log has lost its beginning.
  const end: Step[] = [{ kind: 'snapshot' }, { kind: 'retain', eventCount: 3 }, { kind: 'snapshot' }]
  const steps = [...keptWorkload(seed, 3), ...end]
  for (let call = 1; ; call += 1) {
    if (!isTried(call, seed)) continue
    const carriedOut = below(2, random) === 0
    const disk = quickDisk()
    const faulty = new FaultyFileSystem(disk, [{ kind: 'crash', nth: call, carriedOut }])
    const ended = await runKept(faulty, steps)
    if (!faulty.crashed) {
      assert.equal(ended.error, undefined)
      break
    }
    counts.deaths += 1
    for (const [name, found] of disksAfter(disk, [seed + call])) {
      counts.restarts += 1
      try {
        const { fromSnapshot, isShort } = await survives(found, ended)
        if (fromSnapshot) counts.fromSnapshot += 1
        if (isShort) counts.short += 1
      } catch (error) {
        const { stack } = error as Error
        t.fail(`CRASH_SEED=${seed}, call ${call}, carried out: ${carriedOut}, ${name}`, { found: stack })
        return
      }
    }
  }
  t.comment(counts)
  t.ok(counts.deaths > share(120) && counts.fromSnapshot > counts.restarts / 2 && counts.short > share(20))
})

t.test('a crash at every call of a start from a snapshot loses nothing', async (t) => {
  const disk = quickDisk()
  const steps = keptWorkload(seed, 3)
  const ended = await runKept(disk, steps)
  const counts = { deaths: 0 }
  for (const [name, dead] of disksAfter(disk, [seed])) {
    for await (const { call, disk: twice } of recoveryDeaths(dead)) {
      if (!isTried(call, seed)) continue
      counts.deaths += 1
      for (const [kept, found] of disksAfter(twice, [seed])) {
        const where = `CRASH_SEED=${seed}, ${name}, call ${call} of the recovery, ${kept}`
        try {
          const ledger = await openOn(found)
          await audit(new LedgerWithPast(ledger, ended.past), ended.asked)
          await ledger.close()
        } catch (error) {
          t.fail(where, { found: (error as Error).stack })
          return
        }
      }
    }
  }
  t.comment(counts)
  t.ok(counts.deaths > share(50))
})
