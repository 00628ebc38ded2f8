import t from 'tap'
import { recordPath, startService } from './service.ts'

const keys = { apiKeys: ['shop'], adminApiKeys: ['head-office'] }
const reset = (headers: Record<string, string> = {}) =>
  ({ method: 'POST', url: '/api/metrics/reset', headers }) as const

t.test('the counters begin at zero again, from there on', async (t) => {
  const service = await startService(t)
  // What came before, to learn the document, is not ours.
  await service.inject(reset())
  await service.post(recordPath('S1', 'A', 'adjust'), { delta: 5 })
  await service.get('/nowhere')
  const before = (await service.get('/api/metrics')).json()
  t.match(before, { success: true, data: { requests: 3, errors: 1, adjustStock: 1 } })
  t.equal(before.data.timestamp, new Date(service.now).toISOString())
  t.ok(before.data.uptime > 0)
  t.match((await service.inject(reset())).json(), { success: true, message: /zero/ })
  await service.post(recordPath('S1', 'A', 'adjust'), { delta: 5 })
  t.match((await service.get('/api/metrics')).json(), {
    // The reset itself was answered after it.
    data: { requests: 2, errors: 0, adjustStock: 1, getInventory: 0 }
  })
})

t.test('in production only administrators may', async (t) => {
  const open = await startService(t, { configuration: { environment: 'production' } })
  t.match((await open.inject(reset())).json(), { error: { name: 'ForbiddenError', statusCode: 403 } })
  const closed = await startService(t, { configuration: { environment: 'production', ...keys } })
  t.equal((await closed.inject(reset({ 'x-api-key': 'head-office' }))).statusCode, 200)
})

t.test('where there are keys they are needed', async (t) => {
  const service = await startService(t, { configuration: keys })
  t.equal((await service.get('/api/metrics')).statusCode, 401)
  t.equal((await service.get('/api/metrics', { 'x-api-key': 'shop' })).statusCode, 200)
  t.equal((await service.inject(reset())).statusCode, 401)
  t.equal((await service.inject(reset({ 'x-api-key': 'shop' }))).statusCode, 403)
  t.equal((await service.inject(reset({ 'x-api-key': 'head-office' }))).statusCode, 200)
})
