import t from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { recordPath, startService } from './service.ts'

t.test('health tells of the ledger, on both paths', async (t) => {
  const service = await startService(t)
  await service.post(recordPath('S1', 'K1', 'adjust'), { delta: 1 })
  for (const path of ['/api/health', '/health']) {
    const answered = await service.get(path)
    t.equal(answered.statusCode, 200)
    t.match(answered.json(), {
      success: true,
      data: {
        status: 'healthy',
        timestamp: new Date(service.now).toISOString(),
        ledger: { status: 'open', sequence: 1, queueDepth: 0 }
      }
    })
  }
})

t.test('a ledger that takes no writes is degraded, and writes are turned away', async (t) => {
  const ledger = new MemoryLedger()
  const service = await startService(t, { ledger })
  await ledger.close()
  t.match((await service.get('/api/health')).json(), {
    data: { status: 'degraded', ledger: { status: 'closed' } }
  })
  const refused = await service.post(recordPath('S1', 'K1', 'adjust'), { delta: 1 })
  t.equal(refused.statusCode, 503)
  t.equal(refused.headers['retry-after'], '1')
  t.strictSame((await service.get('/api/health/liveness')).json(), { status: 'ok' })
})
