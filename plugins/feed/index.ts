import type { FastifyInstance } from 'fastify'
import type { FeedOptions } from './feed.ts'
import { processTime } from './time.ts'

export { default } from './plugin.ts'

export function autoConfig({ ledger }: FastifyInstance): FeedOptions {
  return { ledger, time: processTime, heartbeatMs: 20_000, limits: { perClientMax: 1024, max: 10_000 } }
}
