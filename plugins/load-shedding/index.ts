import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { memoryLimitBytes } from '../metrics/memory-figures.ts'
import loadShedding, { type LoadSheddingOptions } from './plugin.ts'

/** The plugin as this application has it: what it turns away is counted. */
export default fastifyPlugin(
  (fastify: FastifyInstance, options: LoadSheddingOptions) => loadShedding(fastify, options),
  {
    name: 'bincard-load-shedding',
    fastify: '5.x',
    dependencies: ['bincard-configuration', 'bincard-request-id', 'bincard-metrics']
  }
)

/** Of what there is; beyond it the next request may be the last one. */
const memoryShareMax = 0.92

export function autoConfig(fastify: FastifyInstance): LoadSheddingOptions {
  const { configuration, clock, serviceOptions } = fastify
  const { concurrencyApi, queuedRequestsMax } = configuration.resilience
  return {
    concurrency: concurrencyApi,
    queuedMax: queuedRequestsMax,
    pressure: {
      // A server that uses all of its processor works; one that comes to nothing in time is overloaded.
      eventLoopDelayMaxMs: 1000,
      busyLoopDelayMaxMs: 500,
      heapUsedMaxBytes: getHeapStatistics().heap_size_limit * memoryShareMax,
      rssMaxBytes: memoryLimitBytes(process.constrainedMemory(), totalmem()) * memoryShareMax,
      sampleIntervalMs: 1000,
      ...serviceOptions.pressure
    },
    now: clock,
    onRefused: () => fastify.metrics.count('shed')
  }
}
