import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

import idempotency, { type IdempotencyOptions } from './plugin.ts'

/** The plugin as this application has it: its ledger remembers, so that no store of the plugin's is needed. */
export default fastifyPlugin(
  (fastify: FastifyInstance, options: IdempotencyOptions) => idempotency(fastify, options),
  {
    name: 'bincard-idempotency',
    fastify: '5.x',
    dependencies: ['bincard-configuration', 'bincard-api-keys']
  }
)

export function autoConfig(fastify: FastifyInstance): IdempotencyOptions {
  return {
    ttlMs: fastify.configuration.idempotencyTtlMs,
    now: fastify.clock,
    scope: ({ caller }) => caller.id
  }
}
