import t from 'tap'
import { serverProgram } from '../processes/programs.ts'
import { clusterKills, least } from './cluster-kills.ts'

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
  t.ok(counts.memberKills + counts.primaryKills + counts.loneKills >= least.kills)
  t.ok(counts.answered >= least.answered && counts.reads >= least.reads && counts.doubled >= least.doubled)
  t.ok(counts.unanswered >= least.unanswered, 'processes died with requests under way')
})
