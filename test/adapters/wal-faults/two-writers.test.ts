// Several processes on one disk: one comes up, and dies, while another one goes on writing.
import assert from 'node:assert/strict'
import t from 'tap'
import { FaultyFileSystem } from '../../../adapters/file-system/faulty-file-system.ts'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { below, seededRandom } from '../../../adapters/file-system/seeded-random.ts'
import { audit, auditReplays } from './auditor.ts'
import { goOn } from './crash.ts'
import { openOn, quickDisk, run, type Asked } from './machine.ts'
import { workload } from './workload.ts'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000)
t.comment(`FAULT_SEED=${seed}`)

/** A disk whose calls take effect, and are answered, in an order chosen by the seed. */
function shuffledDisk(seedOfDisk: number): MemoryFileSystem {
  const random = seededRandom(seedOfDisk)
  const schedule = async () => {
    for (let turns = below(12, random); turns > 0; turns -= 1) await Promise.resolve()
  }
  return new MemoryFileSystem({ schedule })
}

t.test('one process recovers again and again, and dies on the way, while another one writes', async (t) => {
  const counts = { runs: 0, acknowledged: 0, deaths: 0, recoveries: 0, voidUnits: 0 }
  for (let nth = 0; nth < 20; nth += 1) {
    const runSeed = seed + nth
    const random = seededRandom(runSeed)
    const disk = shuffledDisk(runSeed)
    const steady = run(disk, workload({ seed: runSeed, steps: 20, prefix: 'a', reopens: true }))
    const asked: Asked[] = []
    for (let visit = 0; visit < 4; visit += 1) {
      const plan = [
        { kind: 'crash', nth: 1 + below(120, random), carriedOut: below(2, random) === 0 }
      ] as const
      const faulty = new FaultyFileSystem(disk, plan)
      const visitor = await run(faulty, workload({ seed: runSeed + visit, steps: 2, prefix: `b${visit}-` }))
      asked.push(...visitor.asked)
      if (!faulty.crashed) await visitor.ledger?.close().catch(onlyWhereCrashed(faulty))
      counts.deaths += faulty.crashed ? 1 : 0
      counts.recoveries += 1
    }
    const { ledger, asked: steadyAsked, error } = await steady
    assert.equal(error, undefined, `FAULT_SEED=${runSeed}: the steady one is not disturbed`)
    assert.ok(ledger)
    asked.push(...steadyAsked)
    await audit(ledger, asked)
    await auditReplays(ledger, asked)
    const after = await openOn(disk.crash({ keepUnsynced: 'none' }))
    await audit(after, asked)
    await auditReplays(after, asked)
    await audit(after, [...asked, ...(await goOn(after, runSeed))])
    counts.voidUnits += ledger.health().voidUnits
    counts.acknowledged += asked.filter(({ outcome }) => outcome !== undefined).length
    counts.runs += 1
    await after.close()
    await ledger.close()
  }
  t.comment(counts)
  t.ok(counts.deaths > 10 && counts.recoveries > counts.deaths)
  t.ok(counts.acknowledged > 500)
})

t.test('two processes write when the power goes', async (t) => {
  const counts = { runs: 0, acknowledged: 0, inDoubt: 0, skipped: 0 }
  for (let nth = 0; nth < 40; nth += 1) {
    const runSeed = seed + nth
    const random = seededRandom(runSeed)
    const disk = shuffledDisk(runSeed)
    const faulty = new FaultyFileSystem(disk, [
      { kind: 'crash', nth: 30 + below(300, random), carriedOut: true }
    ])
    // Both sit on the one machine that dies.
    const both = await Promise.all([
      run(faulty, workload({ seed: runSeed, steps: 12, prefix: 'a' })),
      run(faulty, workload({ seed: runSeed + 1, steps: 12, prefix: 'b' }))
    ])
    const asked = both.flatMap((one) => one.asked)
    const keepUnsynced = (['none', 'some', 'all'] as const)[nth % 3]!
    const after = await openOn(disk.crash({ keepUnsynced, seed: runSeed })).catch((error: unknown) => {
      throw new Error(`FAULT_SEED=${runSeed}, ${keepUnsynced} kept`, { cause: error })
    })
    await audit(after, asked)
    await auditReplays(after, asked)
    await audit(after, [...asked, ...(await goOn(after, runSeed))])
    counts.runs += 1
    counts.skipped += after.skipped.length
    counts.acknowledged += asked.filter(({ outcome }) => outcome !== undefined).length
    counts.inDoubt += asked.filter(({ outcome }) => outcome === undefined).length
    await after.close()
  }
  t.comment(counts)
  t.ok(counts.acknowledged > 300 && counts.inDoubt > 20)
})

t.test('what a reader saw of a writer that died before its sync survives the power cut', async (t) => {
  const counts = { deaths: 0, seenUnacknowledged: 0 }
  for (let nth = 1; ; nth += 1) {
    const disk = quickDisk()
    const reader = await openOn(disk)
    const plan = [{ kind: 'crash', operation: 'syncData', nth, carriedOut: false }] as const
    const faulty = new FaultyFileSystem(disk, plan)
    const { asked, ledger } = await run(faulty, workload({ seed, steps: 12 }))
    if (!faulty.crashed) await ledger?.close().catch(onlyWhereCrashed(faulty))
    const seen = await reader.read(1, 100_000)
    const after = await openOn(disk.crash({ keepUnsynced: 'none' }))
    assert.deepEqual(await after.read(1, 100_000), seen, `FAULT_SEED=${seed}, fdatasync ${nth}`)
    await audit(after, asked)
    await after.close()
    await reader.close()
    if (!faulty.crashed) break
    const unacknowledged = new Set(asked.filter(({ outcome }) => !outcome).map(({ planned }) => planned.name))
    const names = seen.map(({ event }) => event.reference?.split('/')[0] ?? '')
    counts.seenUnacknowledged += names.some((name) => unacknowledged.has(name)) ? 1 : 0
    counts.deaths += 1
  }
  t.comment(counts)
  t.ok(counts.deaths > 10)
  t.ok(counts.seenUnacknowledged > 3, 'a reader may see what nobody was told of yet, once it is durable')
})

/** A process may die while it closes its ledger. */
function onlyWhereCrashed(faulty: FaultyFileSystem): (error: unknown) => void {
  return (error) => {
    if (!faulty.crashed) throw error
  }
}
