import { join } from 'node:path'
import t from 'tap'
import { killLoop } from './kill-loop.ts'

const root = join(import.meta.dirname, '../..')

t.test('every acknowledged change is there once after kill -9 under load', async (t) => {
  const { faults, lost, doubled, ...counts } = await killLoop({
    kills: 3,
    seed: 20_260_115,
    dataFolder: t.testdir(),
    server: {
      // Node itself with the loader, not the tsx command: killed, that would leave the server behind.
      arguments: ['--import', 'tsx', join(root, 'server.ts')],
      environment: { FASTIFY_AUTOLOAD_TYPESCRIPT: '1' }
    }
  })
  t.comment(JSON.stringify(counts))
  t.same(faults, [])
  t.equal(lost, 0)
  t.equal(doubled, 0)
  t.equal(counts.kills, 3)
  t.ok(counts.changes > 0, 'changes were acknowledged')
  t.ok(counts.retried > 0, 'requests were cut off and sent again')
  t.ok(counts.replayed > 0, 'answers were asked for again')
})
