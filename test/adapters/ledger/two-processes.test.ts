// Two processes on one folder of a real disk, as fast as they can, and one of them killed.
import t from 'tap'
import { runTwoProcesses, type Run } from './two-processes.ts'

const runs: Readonly<Record<string, Omit<Run, 'workload'> & { recordCount: number }>> = {
  'two processes on many records': { recordCount: 200, unitsPerWriter: 500, segmentBytesMax: 300_000 },
  'two processes on one single record': { recordCount: 1, unitsPerWriter: 500, segmentBytesMax: 300_000 },
  'one of two killed in the middle': {
    recordCount: 4,
    unitsPerWriter: 700,
    segmentBytesMax: 100_000,
    killAfter: 300
  }
}

for (const [name, { recordCount, ...run }] of Object.entries(runs)) {
  t.test(name, async (t) => {
    const seed = Number(process.env.PROPERTY_SEED ?? Date.now() | 0)
    t.comment(`seed ${seed}`)
    const figures = await runTwoProcesses({ ...run, workload: { seed, recordCount } })
    t.comment(JSON.stringify(figures))
    t.equal(figures.wasKilled, run.killAfter !== undefined)
    if (!figures.wasKilled) t.equal(figures.answers, 2 * run.unitsPerWriter + 1)
  })
}
