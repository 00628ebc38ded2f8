import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { workerKills } from './worker-kills.ts'

t.test('workers that are killed while a server writes leave the central model right', async (t) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'bincard-worker-kills-'))
  const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
  t.comment(`seed ${seed}`)
  const main = join(import.meta.dirname, '..', '..', 'server.ts')
  const server = {
    arguments: ['--import', import.meta.resolve('tsx'), main],
    environment: { FASTIFY_AUTOLOAD_TYPESCRIPT: '1' }
  }
  const report = await workerKills({ kills: 4, seed, dataFolder, server })
  t.strictSame(report.faults, [])
  t.ok(report.writes > 0)
})
