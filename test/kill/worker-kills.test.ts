import t from 'tap'
import { serverProgram } from '../processes/programs.ts'
import { workerKills } from './worker-kills.ts'
import { ownFolder } from '../processes/own-folder.ts'

t.test('workers that are killed while a server writes leave the central model right', async (t) => {
  const dataFolder = ownFolder(t)
  const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
  t.comment(`seed ${seed}`)
  const report = await workerKills({ kills: 2, seed, dataFolder, server: { arguments: [serverProgram] } })
  t.strictSame(report.faults, [])
  t.ok(report.writes > 0)
})
