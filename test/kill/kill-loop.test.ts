import t from 'tap'
import { serverProgram } from '../processes/programs.ts'
import { killLoop } from './kill-loop.ts'

t.test('every acknowledged change is there once after kill -9 under load', async (t) => {
  const { faults, lost, doubled, ...counts } = await killLoop({
    kills: 2,
    answersUntilKillMax: 600,
    seed: 20_260_115,
    dataFolder: t.testdir(),
    server: { arguments: [serverProgram] }
  })
  t.comment(JSON.stringify(counts))
  t.same(faults, [])
  t.equal(lost, 0)
  t.equal(doubled, 0)
  t.equal(counts.kills, 2)
  t.ok(counts.changes > 0, 'changes were acknowledged')
  t.ok(counts.retried > 0, 'requests were cut off and sent again')
  t.ok(counts.replayed > 0, 'answers were asked for again')
})
