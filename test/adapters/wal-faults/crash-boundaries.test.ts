// The machine dies at every single call of a workload to its file system; nothing acknowledged may be lost.
import t from 'tap'
import { deaths, describe, disksAfter, survives } from './crash.ts'
import { isTried, share } from './thoroughness.ts'
import { workload } from './workload.ts'

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)

t.test('a crash at every call of a workload loses nothing acknowledged', async (t) => {
  t.comment(`CRASH_SEED=${seed}`)
  const counts = { deaths: 0, restarts: 0, acknowledged: 0, replays: 0 }
  for await (const death of deaths(workload({ seed, steps: 10, reopens: true }), seed, (call) =>
    isTried(call, seed)
  )) {
    counts.deaths += 1
    for (const [name, disk] of disksAfter(death.disk, [seed + death.call])) {
      counts.restarts += 1
      try {
        counts.replays += await survives(disk, death.asked, seed)
      } catch (error) {
        t.fail(`CRASH_SEED=${seed}, ${describe(death)}, ${name}`, { found: (error as Error).stack })
        return
      }
    }
    counts.acknowledged += death.asked.filter(({ outcome }) => outcome !== undefined).length
  }
  t.comment(counts)
  t.ok(counts.deaths > share(100), 'there were many calls to die at')
  t.ok(counts.acknowledged > counts.deaths, 'much was acknowledged before the deaths')
  t.ok(counts.replays > counts.restarts, 'many keys were replayed')
})
