import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

import apiKeys, { type ApiKeyOptions } from './plugin.ts'

/** The plugin as this application has it, with the keys of its configuration. */
export default fastifyPlugin(
  (fastify: FastifyInstance, options: ApiKeyOptions) => apiKeys(fastify, options),
  {
    name: 'bincard-api-keys',
    fastify: '5.x',
    dependencies: ['bincard-configuration', 'bincard-errors', 'bincard-request-id']
  }
)

export function autoConfig(fastify: FastifyInstance): ApiKeyOptions {
  const { apiKeys: keys, adminApiKeys: adminKeys } = fastify.configuration
  return { keys, adminKeys }
}
