import t from 'tap'
import { serverProgram } from '../processes/programs.ts'
import { clusterKills } from './cluster-kills.ts'

t.test('a cluster and a server beside it, killed at random, keep every promise', async (t) => {
  const { faults, ...counts } = await clusterKills({
    seed: 20_260_115,
    milliseconds: 2500,
    dataFolder: t.testdir(),
    workerCount: 2,
    loneServers: 1,
    server: {
      arguments: [serverProgram]
    }
  })
  t.comment(JSON.stringify(counts))
  t.same(faults, [])
  t.ok(counts.memberKills + counts.primaryKills + counts.loneKills > 2)
  t.ok(counts.answered > 50 && counts.reads > 10 && counts.doubled > 5)
  t.ok(counts.unanswered > 0, 'processes died with requests under way')
})
