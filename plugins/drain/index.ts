import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import drain, { type DrainOptions } from './plugin.ts'

/** A client that goes on sends its next request well before; nobody else keeps a closing server waiting. */
const LINGER_MS = 250

/** The plugin as this application has it; after the feed, which first ends the waits that would take their time. */
export default fastifyPlugin((fastify: FastifyInstance, options: DrainOptions) => drain(fastify, options), {
  name: 'bincard-drain',
  fastify: '5.x',
  dependencies: ['bincard-configuration', 'bincard-feed']
})

/** The rest of the time is for the last pass of the sync worker and for the ledger. */
export function autoConfig({ configuration }: FastifyInstance): DrainOptions {
  const cutOffMs = Math.ceil(configuration.shutdownTimeoutMs * 0.4)
  return { lingerMs: Math.min(LINGER_MS, cutOffMs), cutOffMs }
}
