import type { FastifyInstance } from 'fastify'
import type { ConfigurationOptions } from './plugin.ts'

export { default } from './plugin.ts'

export function autoConfig(fastify: FastifyInstance): ConfigurationOptions {
  return { configuration: fastify.serviceOptions.configuration }
}
