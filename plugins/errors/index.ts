import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

import errors, { type ErrorOptions } from './plugin.ts'

/** The plugin as this application has it: the operator chooses between 409 and 412. */
export default fastifyPlugin((fastify: FastifyInstance, options: ErrorOptions) => errors(fastify, options), {
  name: 'bincard-errors',
  fastify: '5.x',
  dependencies: ['bincard-configuration']
})

export function autoConfig(fastify: FastifyInstance): ErrorOptions {
  return { preconditionFailedStatus: fastify.configuration.preconditionFailedStatus, now: fastify.clock }
}
