// The machine dies again while the ledger recovers, at every call of the recovery.
import t from 'tap'
import { audit, auditReplays } from './auditor.ts'
import { deaths, describe, disksAfter, recoveryDeaths } from './crash.ts'
import { openOn } from './machine.ts'
import { isTried, share } from './thoroughness.ts'
import { workload } from './workload.ts'

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
t.comment(`CRASH_SEED=${seed}`)

t.test('a crash at every call of a recovery loses nothing either', async (t) => {
  const counts = { recoveries: 0, deaths: 0, restarts: 0 }
  for await (const death of deaths(workload({ seed, steps: 6 }), seed, (call) => call % 37 === seed % 37)) {
    for (const [name, dead] of disksAfter(death.disk, [seed])) {
      counts.recoveries += 1
      for await (const { call, disk } of recoveryDeaths(dead)) {
        if (!isTried(call, seed)) continue
        counts.deaths += 1
        for (const [kept, found] of disksAfter(disk, [seed])) {
          counts.restarts += 1
          try {
            const ledger = await openOn(found)
            await audit(ledger, death.asked)
            await auditReplays(ledger, death.asked)
            await ledger.close()
          } catch (error) {
            t.fail(
              `CRASH_SEED=${seed}, ${describe(death)}, ${name}, then call ${call} of the recovery, ${kept}`,
              {
                found: (error as Error).stack
              }
            )
            return
          }
        }
      }
    }
  }
  t.comment(counts)
  t.ok(counts.deaths > share(100), 'there were many calls to die at')
})
