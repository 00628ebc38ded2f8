import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

import preconditions, { type PreconditionOptions } from './plugin.ts'

/** The plugin as this application has it: the operator chooses between 409 and 412. */
export default fastifyPlugin(
  (fastify: FastifyInstance, options: PreconditionOptions) => preconditions(fastify, options),
  { name: 'bincard-preconditions', fastify: '5.x', dependencies: ['bincard-configuration'] }
)

export function autoConfig(fastify: FastifyInstance): PreconditionOptions {
  return { failedStatus: fastify.configuration.preconditionFailedStatus }
}
