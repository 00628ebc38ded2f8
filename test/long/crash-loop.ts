/*
 * The crash tests for as long as one likes, each round with another seed: two processes on one machine, a death at a
 * call of chance, a restart that dies as well now and then, and the audit. Stops at the first failure and names its
 * seed.
 *
 *     npx tsx test/long/crash-loop.ts --seconds 600 [--seed 1]
 */
import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import { FaultyFileSystem } from '../../adapters/file-system/faulty-file-system.ts'
import { MemoryFileSystem } from '../../adapters/file-system/memory-file-system.ts'
import { below, seededRandom, type Random } from '../../adapters/file-system/seeded-random.ts'
import { audit, auditReplays } from '../adapters/wal-faults/auditor.ts'
import { goOn } from '../adapters/wal-faults/crash.ts'
import { openOn, run, type Asked } from '../adapters/wal-faults/machine.ts'
import { workload } from '../adapters/wal-faults/workload.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string' }, seconds: { type: 'string', default: '60' } }
})
const seconds = Number(values.seconds)
const firstSeed = Number(values.seed ?? Date.now() % 1_000_000_000)
assert.ok(seconds > 0 && Number.isSafeInteger(firstSeed), 'usage: --seconds NUMBER [--seed NUMBER]')

const counts = { rounds: 0, deaths: 0, acknowledged: 0, inDoubt: 0, skipped: 0 }
const until = Date.now() + seconds * 1000
process.stdout.write(`from seed ${firstSeed} for ${seconds} s\n`)
while (Date.now() < until) {
  const seed = firstSeed + counts.rounds
  try {
    await round(seed)
  } catch (error) {
    process.stderr.write(`seed ${seed} fails; again with --seed ${seed} --seconds 1\n`)
    throw error
  }
  counts.rounds += 1
}
process.stdout.write(`${JSON.stringify(counts)}\n`)

async function round(seed: number): Promise<void> {
  const random = seededRandom(seed)
  let disk = new MemoryFileSystem({ schedule: shuffled(random) })
  const asked: Asked[] = []
  for (let life = 0; life < 4; life += 1) {
    const bytes = below(2, random) === 0 ? { bytes: below(1500, random) } : undefined
    const carriedOut = below(3, random) > 0
    const faulty = new FaultyFileSystem(disk, [
      { kind: 'crash', nth: 1 + below(400, random), carriedOut, ...bytes }
    ])
    const lives = await Promise.all(
      ['a', 'b'].map((name) =>
        run(faulty, workload({ seed: seed + life, steps: 12, prefix: `${name}${life}-`, reopens: true }))
      )
    )
    for (const one of lives) {
      if (!faulty.crashed) assert.equal(one.error, undefined, 'without a fault nothing fails')
      asked.push(...one.asked)
    }
    counts.deaths += faulty.crashed ? 1 : 0
    const keepUnsynced = (['none', 'some', 'all'] as const)[below(3, random)]!
    disk = disk.crash({ keepUnsynced, seed: below(1_000_000, random) })
  }
  const ledger = await openOn(disk)
  await audit(ledger, asked)
  await auditReplays(ledger, asked)
  await audit(ledger, [...asked, ...(await goOn(ledger, seed))])
  counts.skipped += ledger.skipped.length
  counts.acknowledged += asked.filter(({ outcome }) => outcome !== undefined).length
  counts.inDoubt += asked.filter(({ outcome }) => outcome === undefined).length
  await ledger.close()
}

/** Calls take effect, and are answered, in an order of chance. */
function shuffled(random: Random): () => Promise<void> {
  return async () => {
    for (let turns = below(12, random); turns > 0; turns -= 1) await Promise.resolve()
  }
}
