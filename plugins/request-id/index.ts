import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import requestIds from './plugin.ts'

/** The plugin as this application has it: before all that may answer a request, and after what traces all of it. */
export default fastifyPlugin((fastify: FastifyInstance) => requestIds(fastify), {
  name: 'bincard-request-id',
  fastify: '5.x',
  dependencies: ['bincard-tracing']
})
