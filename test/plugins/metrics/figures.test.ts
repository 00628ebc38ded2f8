import { Registry } from 'prom-client'
import t from 'tap'
import { memoryLimitBytes } from '../../../plugins/metrics/memory-figures.ts'
import { watchResilience } from '../../../plugins/metrics/resilience-figures.ts'
import { watchFigure } from '../../../plugins/metrics/watched-figures.ts'
import type { BreakerView, BulkheadView } from '../../../plugins/resilience/plugin.ts'
import { parseExposition, valueOf } from './exposition.ts'

t.test('the memory there is', async (t) => {
  t.equal(memoryLimitBytes(1000, 4000), 1000, 'that of the container')
  t.equal(memoryLimitBytes(0, 4000), 4000, 'without a limit')
  t.equal(memoryLimitBytes(2 ** 63, 4000), 4000, 'a limit above what the machine has')
})

t.test('breakers and bulkheads', async (t) => {
  const registry = new Registry()
  const breaker = { failures: 0, threshold: 0.5, openings: 0, retryAfterMs: 0, onChange: () => undefined }
  const breakers = new Map<string, BreakerView>()
  const bulkheads = new Map<string, BulkheadView>()
  watchResilience(
    (figure, read) =>
      watchFigure(registry, figure, read, (error) => {
        throw error
      }),
    'shop_',
    () => ({ breakers, bulkheads })
  )
  t.strictSame(parseExposition(await registry.metrics()).get('shop_breaker_state')?.samples, [])

  for (const state of ['closed', 'half-open', 'open'] as const)
    breakers.set(state, { ...breaker, name: state, state })
  bulkheads.set('api', { name: 'api', limit: 16, queueMax: 100, active: 3, queued: 2, refused: 1 })
  const families = parseExposition(await registry.metrics())
  const state = (name: string): number => valueOf(families, 'shop_breaker_state', { breaker: name })
  t.strictSame([state('closed'), state('half-open'), state('open')], [0, 1, 2])
  t.equal(families.get('shop_breaker_state')?.samples.length, 3)
  const bulkhead = (name: string): number => valueOf(families, `shop_bulkhead_${name}`, { bulkhead: 'api' })
  t.strictSame([bulkhead('active'), bulkhead('queued'), bulkhead('limit')], [3, 2, 16])
})
