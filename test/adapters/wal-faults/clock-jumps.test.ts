// The clock jumps forth and back between units: nothing is lost, applied twice or judged differently by another reader.
import assert from 'node:assert/strict'
import t from 'tap'
import { below, seededRandom, type Random } from '../../../adapters/file-system/seeded-random.ts'
import type { Outcome } from '../../../domain/unit.ts'
import { audit, auditReplays, auditRetries } from './auditor.ts'
import { goOn } from './crash.ts'
import { openOn, quickDisk, run } from './machine.ts'
import { workload, type PlannedUnit } from './workload.ts'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000)
t.comment(`FAULT_SEED=${seed}`)

/** Anywhere within this many milliseconds, before or after. */
const jumping = (spreadMs: number) => (_: number, random: Random) => 10_000_000 + below(spreadMs, random)

t.test('units, keys and reservations under a jumping clock, with a crash and a restart', async (t) => {
  const counts = { runs: 0, replays: 0, expired: 0 }
  for (let nth = 0; nth < 30; nth += 1) {
    const disk = quickDisk()
    const random = seededRandom(seed + nth)
    const actions = workload({ seed: seed + nth, steps: 15, reopens: true, atOf: jumping(900_000) })
    const now = () => 5_000_000 + below(10_000_000, random)
    const { asked, ledger } = await run(disk, actions, { now })
    assert.ok(ledger)
    auditRetries(asked)
    await audit(ledger, asked)
    counts.expired += (await ledger.read(1, 100_000)).filter(({ event }) => event.type === 'expired').length
    const again = await openOn(disk.crash({ keepUnsynced: 'none' }), { now })
    await audit(again, asked)
    assert.deepEqual(await again.read(1, 100_000), await ledger.read(1, 100_000))
    counts.replays += await auditReplays(again, asked)
    await audit(again, [...asked, ...(await goOn(again, seed))])
    await again.close()
    await ledger.close()
    counts.runs += 1
  }
  t.comment(counts)
  t.ok(counts.replays > 300)
  t.ok(counts.expired > 10)
})

t.test('keys are held for their time, and no reader judges them differently from another', async (t) => {
  const ttlMs = 1000
  const counts = { retries: 0, certain: 0, replayed: 0 }
  for (let nth = 0; nth < 30; nth += 1) {
    const disk = quickDisk()
    const options = { seed: seed + nth, steps: 10, ttlMs, atOf: jumping(4 * ttlMs) }
    const { asked, ledger } = await run(disk, workload(options))
    assert.ok(ledger)
    const reopened = await openOn(disk.crash({ keepUnsynced: 'none' }))
    const random = seededRandom(seed - nth)
    let latest = Math.max(...asked.map(({ planned }) => planned.unit.at))
    for (const { planned, outcome } of asked) {
      if (!mayBeAskedAgain(planned) || outcome === undefined) continue
      const at = 10_000_000 + below(6 * ttlMs, random)
      const isCertain = at < planned.unit.at + ttlMs && Math.max(at, latest) < planned.unit.at + 2 * ttlMs
      latest = Math.max(at, latest)
      const { identity } = planned.unit
      const unit = { ...planned.unit, at, identity: { ...identity!, until: at + ttlMs } }
      const here: Outcome = await ledger.execute(unit)
      // What it comes to must be the same everywhere, replay or not, by the log alone.
      assert.deepEqual(await reopened.execute(unit), here)
      const isReplay = here.kind === 'answered' && here.replayed
      if (isCertain) assert.ok(isReplay, `${planned.name} is remembered`)
      counts.retries += 1
      counts.replayed += isReplay ? 1 : 0
      counts.certain += isCertain ? 1 : 0
    }
    await ledger.close()
    await reopened.close()
  }
  t.comment(counts)
  t.ok(counts.certain > 10 && counts.replayed >= counts.certain)
  t.ok(counts.retries > counts.replayed, 'some keys had had their time')
})

/** Under a key of its own, and so that it can be carried out anew where the key's time has passed. */
function mayBeAskedAgain({ unit }: PlannedUnit): boolean {
  return unit.identity !== undefined && unit.lines.every(({ command }) => command.type !== 'reserve')
}
