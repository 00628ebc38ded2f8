import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { FastifyInstance } from 'fastify'
import type { LoadSheddingOptions } from './plugin.ts'

export { default } from './plugin.ts'

/** Of what there is; beyond it the next request may be the last one. */
const memoryShareMax = 0.92

export function autoConfig({ configuration, serviceOptions }: FastifyInstance): LoadSheddingOptions {
  const { concurrencyApi, queuedRequestsMax } = configuration.resilience
  return {
    concurrency: concurrencyApi,
    queuedMax: queuedRequestsMax,
    pressure: {
      // A server that uses all of its processor works; one that comes to nothing in time is overloaded.
      eventLoopDelayMaxMs: 1000,
      busyLoopDelayMaxMs: 500,
      heapUsedMaxBytes: getHeapStatistics().heap_size_limit * memoryShareMax,
      rssMaxBytes: memoryBytes() * memoryShareMax,
      sampleIntervalMs: 1000,
      ...serviceOptions.pressure
    }
  }
}

/** What the process may use: the container's limit, where there is one. */
function memoryBytes(): number {
  const total = totalmem()
  const constrained = process.constrainedMemory()
  return constrained > 0 && constrained < total ? constrained : total
}
